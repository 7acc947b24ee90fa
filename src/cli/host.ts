// `holdpoint host list|allow|deny`: how the gateway treats hosts that no provider page governs.
// allow makes a host ordinary (it widens, so a human signs it); deny refuses it (it narrows, so nothing is asked).

import type { Command } from 'commander';
import { digestOf } from '../action/canonical.ts';
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
  return leaf({
    name: 'list',
    summary: 'list known hosts and how each is treated',
    example: 'holdpoint host list',
    exits,
  }).action((options: Options) =>
    perform(io, done, options, async () => {
      const client = await connectControl(io);
      const hosts = await client.get<readonly { readonly host: string; readonly as: string }[]>('/api/hosts');
      print(io, options, hosts, () => columns(hosts.map(({ host, as }) => [as, host])));
      return exitCodes.ok;
    }),
  );
}

function allow(io: Io, done: Done): Command {
  const summary = 'treat a host as ordinary: requests with credentials and writes pass without a hold';
  return leaf({ name: 'allow', summary, example: 'holdpoint host allow api.example.com', exits })
    .argument('<host>', 'an exact host name')
    .option('--as <human>', 'who you are, where more than one human is enrolled')
    .action((host: string, options: Options) =>
      perform(io, done, options, async () => {
        const client = await connectControl(io);
        const digest = digestOf({ verb: 'host-allow', host });
        const submission = await askFactor(io, client, { digest, typedName: null, as: options.as ?? null });
        await client.post<null>('/api/hosts/allow', { host, submission });
        print(io, options, { host, as: 'ordinary' }, () => [`${host}: ordinary`]);
        return exitCodes.ok;
      }),
    );
}

function deny(io: Io, done: Done): Command {
  return leaf({
    name: 'deny',
    summary: 'refuse a host for every agent',
    example: 'holdpoint host deny paste.example',
    exits,
  })
    .argument('<host>', 'an exact host name')
    .action((host: string, options: Options) =>
      perform(io, done, options, async () => {
        const client = await connectControl(io);
        await client.post<null>('/api/hosts/deny', { host });
        print(io, options, { host, as: 'denied' }, () => [`${host}: denied`]);
        return exitCodes.ok;
      }),
    );
}

export const verb: Verb = {
  build: (io, done) =>
    group('host', 'hosts outside the governed ones', [list(io, done), allow(io, done), deny(io, done)]),
};
