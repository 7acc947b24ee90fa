// `holdpoint holds`: what waits for a human, newest first, each by its three lines.
// The page of one hold is `hold show`; nothing is decided here.

import type { Hold } from '../hold/hold.ts';
import { connectControl } from './control-client.ts';
import { summaryLines } from './hold-view.ts';
import { leaf, perform, print } from './leaf.ts';
import { exitCodes, type Verb } from './verb.ts';

interface Options {
  readonly json?: boolean;
  readonly all?: boolean;
}

export const verb: Verb = {
  build: (io, done) =>
    leaf({
      name: 'holds',
      summary: 'list what waits for a human, newest first',
      example: 'holdpoint holds          # the three lines and the id of each open hold',
      exits: '1 not this user; 3 no gateway runs',
    })
      .option('--all', 'closed holds as well')
      .action((options: Options) =>
        perform(io, done, options, async () => {
          const client = await connectControl(io);
          const holds = await client.get<readonly Hold[]>(`/api/holds?open=${options.all === true ? 0 : 1}`);
          const none = options.all === true ? 'No holds.' : 'Nothing waits for a human.';
          print(io, options, holds, () =>
            holds.length === 0 ? [none] : holds.flatMap((hold) => summaryLines(hold, io.colour ? 'colour' : 'plain')),
          );
          return exitCodes.ok;
        }),
      ),
};
