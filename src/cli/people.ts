// `holdpoint people list`: the humans who may look and decide here, and in which role.
// Keys stay where they are: a sealed key is not printed, it is of use to nobody but its owner.

import type { SealedHuman } from '../console/server/port.ts';
import { connectControl } from './control-client.ts';
import { columns, group, leaf, perform, print } from './leaf.ts';
import { exitCodes, type Verb } from './verb.ts';

export const verb: Verb = {
  build: (io, done) => {
    const list = leaf({
      name: 'list',
      summary: 'list enrolled humans and their roles',
      example: 'holdpoint people list',
      exits: '1 not this user; 3 no gateway runs',
    }).action((options: { readonly json?: boolean }) =>
      perform(io, done, options, async () => {
        const people = await (await connectControl(io)).get<readonly SealedHuman[]>('/api/people');
        const shown = people.map(({ human, role, publicKey }) => ({ human, role, publicKey }));
        print(io, options, shown, () => columns(shown.map(({ human, role, publicKey }) => [human, role, publicKey])));
        return exitCodes.ok;
      }),
    );
    return group('people', 'the humans who decide', [list]);
  },
};
