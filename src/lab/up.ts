// The program behind `npm start`: starts the lab instance, prints what to paste, rings when something is held, and takes
// three keys. Runs without a terminal too; ends on SIGINT, SIGTERM and q, leaving nothing behind but its folder.

import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { totpNow } from '../credentials/totp.ts';
import type { Hold } from '../hold/hold.ts';
import { holdPage } from '../hold/hold-page.ts';
import { HoldpointError } from '../platform/fault.ts';
import { clientVariables, shellExports } from './client-variables.ts';
import { type LabInstance, startLab } from './lab-instance.ts';
import { portFrom } from './port-variable.ts';
import { labAgent, visitorPolicy } from './visitor-policy.ts';
import { heldLines, welcome } from './visitor-text.ts';
import { writeWorkFolder } from './work-folder.ts';

/** Always the same world, so that ids and lines pasted yesterday still fit. */
const seed = 20260424;
const task = 'Deploy the web service to staging.';

function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

interface Ports {
  readonly proxyPort: number;
  readonly controlPort: number;
}

async function start(root: string, work: string, ports: Ports): Promise<LabInstance> {
  let lab: LabInstance | null = null;
  const show = async (id: string) => {
    const hold = await lab?.instance.control.hold(id);
    if (hold == null) return;
    // The bell: a held action waits for ever, but an agent that waits is watched by somebody.
    if (process.stdout.isTTY) process.stdout.write('\x07');
    say(heldLines(hold));
  };
  lab = await startLab({
    root,
    ...ports,
    seed,
    deleteMode: 'immediate',
    leave: 'tunnels',
    notifier: { held: (id) => void show(id).catch(() => undefined), moved: (id, what) => say([`  ${id} ${what}`]) },
    policy: (world) =>
      visitorPolicy(world, {
        delay: process.env.HOLDPOINT_DELAY_IRREVERSIBLE ?? '20s',
        wait: process.env.HOLDPOINT_WAIT ?? '50s',
        project: work,
      }),
    task,
    fault: (where, error) =>
      process.stderr.write(`holdpoint: ${where}: ${error instanceof Error ? error.message : JSON.stringify(error)}\n`),
  });
  return lab;
}

/** The visitor's project: the same folder that the scenarios use, with the gateway's variables beside it. */
function writeProject(lab: LabInstance, work: string): void {
  const { instance, fake, placeholder } = lab;
  const world = fake.world();
  writeWorkFolder({
    root: work,
    asked: task,
    world,
    ownToken: placeholder,
    loginToken: placeholder,
    strayToken: fake.tokens.stray.secret,
    curl: [],
    directCurl: [],
  });
  const wgetrc = join(work, '.wgetrc');
  const proxyUrl = lab.proxyUrls[labAgent] ?? '';
  writeFileSync(wgetrc, `ca_certificate = ${instance.bundleFile}\n`, { mode: 0o600 });
  const placeholders = { RAILWAY_TOKEN: placeholder, RAILWAY_API_TOKEN: placeholder };
  const variables = clientVariables({ proxyUrl, bundleFile: instance.bundleFile, wgetrc, placeholders });
  writeFileSync(join(work, 'holdpoint.env'), shellExports(variables), { mode: 0o600 });
}

async function onKey(key: string, lab: LabInstance, end: () => void): Promise<void> {
  const { control } = lab.instance;
  if (key === 'q' || key === '\x03') return end();
  if (key === 't') return say([`  ${totpNow(lab.human.totpSecret, Date.now())}`]);
  if (key !== 'o' && key !== 'n') return;
  const hold: Hold | null = await control.hold('newest');
  if (hold === null) return say(['  nothing is held']);
  if (key === 'o')
    return say(holdPage(hold).flatMap((section) => [section.title, ...section.lines.map((line) => `  ${line}`), '']));
  const done = await control.deny(hold.id, lab.human.name);
  say([done.ok ? `  denied ${hold.id}: nothing was done` : `  not denied: ${done.reason.why}`]);
}

function listenToKeys(lab: LabInstance, end: () => void): void {
  if (!process.stdin.isTTY) return;
  process.stdin.setRawMode(true);
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (keys: string) => {
    for (const key of keys) onKey(key, lab, end).catch((error: unknown) => say([`  ${String(error)}`]));
  });
}

async function main(): Promise<void> {
  // Before any folder is made: a start that is refused leaves nothing behind.
  const ports = {
    proxyPort: portFrom(process.env, 'HOLDPOINT_PROXY_PORT', 4653),
    controlPort: portFrom(process.env, 'HOLDPOINT_CONTROL_PORT', 4654),
  };
  const root = process.env.HOLDPOINT_LAB_HOME ?? join(homedir(), '.holdpoint-lab');
  const work = join(root, 'work', 'pocketos-web');
  // Before the policy names it: the change log begins where its folder is.
  mkdirSync(work, { recursive: true, mode: 0o755 });
  const lab = await start(root, work, ports);
  writeProject(lab, work);
  const here = relative(process.cwd(), join(import.meta.dirname, '..', '..', 'bin', 'holdpoint'));
  say(welcome(lab, { work, home: root, command: here.startsWith('.') ? here : `./${here}` }));
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    say(['ending the lab …']);
    lab.close().then(
      () => process.exit(0),
      () => process.exit(4),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  listenToKeys(lab, end);
}

main().catch((error: unknown) => {
  const { what, why, next } =
    error instanceof HoldpointError
      ? error.reason
      : { what: 'The lab did not start.', why: String(error), next: 'Look at the message above.' };
  process.stderr.write(`${what}\n  why:  ${why}\n  next: ${next}\n`);
  process.exit(error instanceof HoldpointError && error.code === 'wrong-usage' ? 2 : 4);
});
