// `holdpoint agent list|add|revoke`: who may ask, and what for. A token is shown once, at `add`, and never again.
// What it may do stands in the policy; add only makes its token (it widens, so a human signs it), revoke ends it at once.

import type { Command } from 'commander';
import { digestOf } from '../action/canonical.ts';
import type { Status } from '../console/server/port.ts';
import { connectControl } from './control-client.ts';
import { askFactor } from './factor.ts';
import { columns, group, leaf, perform, print } from './leaf.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

interface Options {
  readonly json?: boolean;
  readonly as?: string;
}

type Done = (code: ExitCode) => void;
const exits = '1 refused or no terminal; 3 no gateway runs';

function list(io: Io, done: Done): Command {
  const help = { name: 'list', summary: 'list agents with grant and posture', example: 'holdpoint agent list', exits };
  return leaf(help).action((options: Options) =>
    perform(io, done, options, async () => {
      const { agents } = await (await connectControl(io)).get<Status>('/api/status');
      const state = (agent: Status['agents'][number]) =>
        agent.revoked ? 'revoked' : agent.frozen ? 'frozen' : agent.expired ? 'expired' : 'active';
      print(io, options, agents, () =>
        columns(agents.map((agent) => [agent.agent, state(agent), agent.posture ?? 'posture not known', agent.grant])),
      );
      return exitCodes.ok;
    }),
  );
}

function add(io: Io, done: Done): Command {
  const summary = 'make the token of an agent that the policy names, and show it once';
  return leaf({ name: 'add', summary, example: 'holdpoint agent add cursor-staging', exits })
    .argument('<agent>', 'its name, as it stands in the policy')
    .option('--as <human>', 'who you are, where more than one human is enrolled')
    .action((agent: string, options: Options) =>
      perform(io, done, options, async () => {
        const client = await connectControl(io);
        const digest = digestOf({ verb: 'agent-add', agent });
        const submission = await askFactor(io, client, { digest, typedName: null, as: options.as ?? null });
        const { token } = await client.post<{ readonly token: string }>('/api/agents', {
          input: { agent },
          submission,
        });
        print(io, options, { agent, token }, () => [token]);
        io.err('  This token is shown once. It opens the proxy for this agent and nothing else.\n');
        return exitCodes.ok;
      }),
    );
}

function revoke(io: Io, done: Done): Command {
  const summary = 'end an agent for good: its token, its connections and its waiting holds';
  return leaf({ name: 'revoke', summary, example: 'holdpoint agent revoke cursor-staging', exits })
    .argument('<agent>', 'the agent')
    .action((agent: string, options: Options) =>
      perform(io, done, options, async () => {
        const client = await connectControl(io);
        await client.post<null>(`/api/agents/${encodeURIComponent(agent)}/revoke`, {});
        print(io, options, { revoked: agent }, () => [`${agent}: revoked`]);
        return exitCodes.ok;
      }),
    );
}

export const verb: Verb = {
  build: (io, done) => group('agent', 'who may ask, and what for', [list(io, done), add(io, done), revoke(io, done)]),
};
