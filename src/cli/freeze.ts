// `holdpoint freeze [agent]`: ends what an agent (or every agent) is doing, within a second, and lets nothing new begin.
// It only stops things, so it asks nothing. `thaw` is its counterpart and needs a human's factor.

import { connectControl } from './control-client.ts';
import { leaf, perform, print } from './leaf.ts';
import { exitCodes, type Verb } from './verb.ts';

export const verb: Verb = {
  build: (io, done) =>
    leaf({
      name: 'freeze',
      summary: 'stop one agent, or all of them, at once',
      example: 'holdpoint freeze cursor-staging     # without a name: every agent',
      exits: '1 refused; 3 no gateway runs',
    })
      .argument('[agent]', 'the agent; without it, all')
      .action((agent: string | undefined, options: { readonly json?: boolean }) =>
        perform(io, done, options, async () => {
          const client = await connectControl(io);
          await client.post<null>('/api/freeze', { agent: agent ?? null });
          print(io, options, { frozen: agent ?? null }, () => [`${agent ?? 'every agent'}: frozen`]);
          return exitCodes.ok;
        }),
      ),
};
