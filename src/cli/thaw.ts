// `holdpoint thaw [agent]`: lets a frozen agent, or all, act again within its grant. It widens, so a human signs it.
// Counterpart of `freeze`.

import { digestOf } from '../action/canonical.ts';
import { connectControl } from './control-client.ts';
import { askFactor } from './factor.ts';
import { leaf, perform, print } from './leaf.ts';
import { exitCodes, type Verb } from './verb.ts';

interface Options {
  readonly json?: boolean;
  readonly as?: string;
}

export const verb: Verb = {
  build: (io, done) =>
    leaf({
      name: 'thaw',
      summary: 'let a frozen agent, or all of them, act again',
      example: 'holdpoint thaw cursor-staging       # asks for your factor on the terminal',
      exits: '1 refused or no terminal; 3 no gateway runs',
    })
      .argument('[agent]', 'the agent; without it, all')
      .option('--as <human>', 'who you are, where more than one human is enrolled')
      .action((name: string | undefined, options: Options) =>
        perform(io, done, options, async () => {
          const client = await connectControl(io);
          const agent = name ?? null;
          const digest = digestOf({ verb: 'thaw', agent });
          const submission = await askFactor(io, client, { digest, typedName: null, as: options.as ?? null });
          await client.post<null>('/api/thaw', { agent, submission });
          print(io, options, { thawed: agent }, () => [`${agent ?? 'every agent'}: may act again`]);
          return exitCodes.ok;
        }),
      ),
};
