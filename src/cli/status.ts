// `holdpoint status`: is the gateway up, what waits, and how far each agent is really kept apart (posture, measured).
// It shows what the gateway says of itself; `doctor` is what checks.

import type { Status } from '../console/server/port.ts';
import { shownTime } from '../hold/hold-page.ts';
import { connectControl } from './control-client.ts';
import { columns, leaf, perform, print } from './leaf.ts';
import { exitCodes, type Verb } from './verb.ts';

function agentRow(agent: Status['agents'][number]): readonly string[] {
  const ended = [agent.frozen && 'frozen', agent.revoked && 'revoked', agent.expired && 'expired'].filter(Boolean);
  return [agent.agent, ended.join(', ') || 'active', agent.posture ?? 'posture not known', agent.grant];
}

function statusLines(status: Status): readonly string[] {
  const { journal } = status;
  const anchored = journal.anchoredAtMs === null ? 'not anchored yet' : `anchored ${shownTime(journal.anchoredAtMs)}`;
  const differs = '; policy.yaml was changed and is NOT in force (holdpoint policy diff)';
  const advised = status.agents.filter((agent) => agent.posture === 'advised').map((agent) => agent.agent);
  return [
    `${status.lab ? 'LAB gateway' : 'gateway'} up since ${shownTime(status.startedAtMs)}`,
    `proxy port ${status.proxyPort}, control port ${status.controlPort}`,
    `policy ${status.policyDigest.slice(0, 12)}${status.policyFileDiffers ? differs : ''}`,
    `journal at event ${journal.seq}, ${journal.writable ? 'writable' : 'NOT WRITABLE: all but plain reads are denied'}, ${anchored}`,
    `${status.openHolds} ${status.openHolds === 1 ? 'hold waits' : 'holds wait'} for a human`,
    '',
    ...columns(status.agents.map(agentRow)),
    ...(advised.length === 0 ? [] : ['', `approvals are not isolated from: ${advised.join(', ')}`]),
  ];
}

export const verb: Verb = {
  build: (io, done) =>
    leaf({
      name: 'status',
      summary: 'show whether the gateway runs, what waits, and the posture of each agent',
      example: 'holdpoint status --json | jq .openHolds',
      exits: '1 not this user; 3 no gateway runs',
    }).action((options: { readonly json?: boolean }) =>
      perform(io, done, options, async () => {
        const status = await (await connectControl(io)).get<Status>('/api/status');
        print(io, options, status, () => statusLines(status));
        return exitCodes.ok;
      }),
    ),
};
