// `holdpoint agent list|add|revoke`: who may ask, and what for. A token is shown once, at `add`, and never again.
// add widens (a human signs exactly this grant); revoke ends an agent at once and asks nothing.

import type { Command } from 'commander';
import { digestOf } from '../action/canonical.ts';
import type { Status } from '../console/server/port.ts';
import { HoldpointError } from '../platform/fault.ts';
import { connectControl } from './control-client.ts';
import { askFactor } from './factor.ts';
import { columns, group, leaf, perform, print } from './leaf.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

interface Options {
  readonly json?: boolean;
  readonly as?: string;
  readonly preset?: string;
  readonly scope?: readonly string[];
  readonly environment?: readonly string[];
  readonly credential?: readonly string[];
  readonly destructive?: string;
  readonly expires?: string;
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

/** The grant in the words of policy.yaml; what is not given is left out, so that a preset fills it. */
function grantOf(name: string, options: Options): Readonly<Record<string, unknown>> {
  const { destructive } = options;
  if (destructive !== undefined && destructive !== 'never' && destructive !== 'confirm') {
    throw new HoldpointError('wrong-usage', {
      what: '--destructive must be `never` or `confirm`.',
      why: 'There is no third way: an agent never destroys without a human.',
      next: 'Leave it out for `never`.',
    });
  }
  const environments = options.environment?.includes('all') === true ? 'all' : options.environment;
  const parts = {
    agent: name,
    preset: options.preset,
    scopes: options.scope,
    environments,
    credentials: options.credential,
    destructive,
    expires: options.expires,
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

function add(io: Io, done: Done): Command {
  const example =
    'holdpoint agent add cursor-staging --preset staging_deploy_token --environment staging --credential railway';
  return leaf({ name: 'add', summary: 'add an agent and show its token once', example, exits })
    .argument('<agent>', 'its name, as it will stand in the journal')
    .option('--preset <name>', 'domain_management_token, staging_deploy_token or agent_token')
    .option('--scope <scopes...>', '<resource kind>:read or :write')
    .option('--environment <names...>', 'environments of your policy, or all')
    .option('--credential <ids...>', 'credentials whose placeholders it may use')
    .option('--destructive <when>', 'never (default) or confirm')
    .option('--expires <date>', 'last day of the grant, as 2026-12-31')
    .option('--as <human>', 'who you are, where more than one human is enrolled')
    .action((name: string, options: Options) =>
      perform(io, done, options, async () => {
        const input = grantOf(name, options);
        const client = await connectControl(io);
        io.err(`${JSON.stringify(input, null, 2)}\n`);
        const digest = digestOf({ verb: 'agent-add', input });
        const submission = await askFactor(io, client, { digest, typedName: null, as: options.as ?? null });
        const { token } = await client.post<{ readonly token: string }>('/api/agents', { input, submission });
        print(io, options, { agent: name, token }, () => [token]);
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
