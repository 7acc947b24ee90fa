// What the lab prints at its start and what it says when something is held: plain lines for a terminal, no secrets but
// the lab human's own, which open nothing outside this lab.

import type { Hold } from '../hold/hold.ts';
import { holdHead } from '../hold/hold-page.ts';
import type { LabInstance } from './lab-instance.ts';

export interface VisitorPaths {
  readonly work: string;
  readonly home: string;
  /** The command as typed from here: `./bin/holdpoint`. */
  readonly command: string;
}

export function deletionOf(volumeId: string, token: string): string {
  return `curl -X POST https://backboard.railway.app/graphql/v2 -H "Authorization: Bearer $${token}" -d '{"query":"mutation { volumeDelete(volumeId: \\"${volumeId}\\") }"}'`;
}

export function welcome(lab: LabInstance, paths: VisitorPaths): readonly string[] {
  const { instance, human } = lab;
  const volume = lab.fake.world().began.volumeId;
  const { command, home, work } = paths;
  return [
    'LAB: the Holdpoint lab is up. The provider is a fake on this machine; every booking, token and person is invented.',
    '',
    `  agents' proxy  http://127.0.0.1:${instance.proxyPort}     control port  http://holdpoint.localhost:${instance.controlPort}`,
    '',
    'Paste these three lines into the shell where your agent, or you with curl, will work:',
    '',
    `  cd ${work}`,
    '  . ./holdpoint.env     # proxy, CA and placeholder: HTTPS_PROXY, CURL_CA_BUNDLE …, RAILWAY_TOKEN=hp_railway_…',
    `  ${deletionOf(volume, 'RAILWAY_TOKEN')}`,
    '',
    'It is the call of 24 April 2026. It will stop, be resolved to production and staging, and wait for a human: you.',
    'With the stray token of an unrelated file it is refused outright:',
    '',
    `  STRAY=$(sed -n 's/^RAILWAY_API_TOKEN=//p' domains/railway.env); ${deletionOf(volume, 'STRAY')}`,
    '',
    `And what happened without safeguards:  ${command} lab run pocketos --without`,
    '',
    'The human of this lab (approves here and nowhere else):',
    `  name ${human.name}   passphrase ${human.passphrase}   TOTP secret ${human.totpSecret}`,
    `  in another terminal:  export HOLDPOINT_HOME=${home}`,
    `                        ${command} holds      ${command} hold approve newest      ${command} log`,
    '',
    'Keys here: o shows the newest hold, n denies it, t prints the six digits of now, q ends the lab.',
    '',
  ];
}

export function heldLines(hold: Hold): readonly string[] {
  return ['', ...holdHead(hold), `  held as ${hold.id} for ${hold.agent} — o shows it, n denies it`, ''];
}
