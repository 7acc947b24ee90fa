// `holdpoint hold show|approve|deny|cancel|settle`: one hold, by id, by the beginning of its id, or `newest`.
// deny and cancel only stop things and ask nothing; approve and settle ask for a human's factor on the terminal.
// The verdict on a factor is the gateway's: this command carries it there.

import type { Command } from 'commander';
import { digestOf } from '../action/canonical.ts';
import type { Hold } from '../hold/hold.ts';
import { breakGlass, stateLine } from '../hold/hold-page.ts';
import { typedNameOf } from '../hold/typed-name.ts';
import { HoldpointError } from '../platform/fault.ts';
import { type ControlClient, connectControl } from './control-client.ts';
import { askFactor } from './factor.ts';
import { pageLines } from './hold-view.ts';
import { group, leaf, perform, print } from './leaf.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

interface Options {
  readonly json?: boolean;
  readonly print?: boolean;
  readonly as?: string;
}

type Done = (code: ExitCode) => void;

const idHelp = 'the id, its beginning, or `newest`';
const exits = '1 refused, no such hold, or no terminal; 3 no gateway runs';
const holdPath = (id: string) => `/api/holds/${encodeURIComponent(id)}`;

function page(io: Io, hold: Hold): string {
  return pageLines(hold, io.colour ? 'colour' : 'plain')
    .map((line) => `${line}\n`)
    .join('');
}

function show(io: Io, done: Done): Command {
  return leaf({
    name: 'show',
    summary: 'show the page of one hold',
    example: 'holdpoint hold show newest --print     # with what you need to do it by hand',
    exits,
  })
    .argument('<id>', idHelp)
    .option('--print', 'add what a human needs to do it at the provider without Holdpoint')
    .action((id: string, options: Options) =>
      perform(io, done, options, async () => {
        const client = await connectControl(io);
        const hold = await client.get<Hold>(holdPath(id));
        print(io, options, hold, () => [
          ...pageLines(hold, io.colour ? 'colour' : 'plain'),
          ...(options.print === true ? ['', ...breakGlass(hold)] : []),
        ]);
        return exitCodes.ok;
      }),
    );
}

function notOpen(hold: Hold): HoldpointError {
  return new HoldpointError('hold-not-open', {
    what: 'This hold takes no approval any more.',
    why: `It is ${stateLine(hold)}.`,
    next: 'List what still waits with `holdpoint holds`.',
    retry: 'no',
  });
}

async function approveOn(io: Io, client: ControlClient, id: string, as: string | null): Promise<Hold> {
  const hold = await client.get<Hold>(holdPath(id));
  // On stderr, so that --json leaves stdout to the result and the human still reads what they sign.
  io.err(`${page(io, hold)}\n`);
  if (hold.state.kind !== 'held') throw notOpen(hold);
  const typedName = hold.needs.factors.includes('typed-name') ? typedNameOf(hold) : null;
  const submission = await askFactor(io, client, { digest: hold.digest, typedName, as });
  // By the full id: a beginning could by now mean another, newer hold than the one on the page.
  return client.post<Hold>(`${holdPath(hold.id)}/approve`, { submission });
}

function approve(io: Io, done: Done): Command {
  return leaf({
    name: 'approve',
    summary: 'read the page, then say yes to exactly this with your own factor',
    example: 'holdpoint hold approve hold_7m3q       # asks on the terminal; cannot be scripted',
    exits,
  })
    .argument('<id>', idHelp)
    .option('--as <human>', 'who you are, where more than one human is enrolled')
    .action((id: string, options: Options) =>
      perform(io, done, options, async () => {
        const hold = await approveOn(io, await connectControl(io), id, options.as ?? null);
        print(io, options, hold, () => [stateLine(hold)]);
        return exitCodes.ok;
      }),
    );
}

function stopper(io: Io, done: Done, name: 'deny' | 'cancel', summary: string): Command {
  return leaf({ name, summary, example: `holdpoint hold ${name} newest`, exits })
    .argument('<id>', idHelp)
    .action((id: string, options: Options) =>
      perform(io, done, options, async () => {
        const client = await connectControl(io);
        const hold = await client.post<Hold>(`${holdPath(id)}/${name}`, {});
        print(io, options, hold, () => [`${hold.id}: ${stateLine(hold)}`]);
        return exitCodes.ok;
      }),
    );
}

function settle(io: Io, done: Done): Command {
  return leaf({
    name: 'settle',
    summary: 'say what a request with unknown outcome did, after you looked at the provider',
    example: 'holdpoint hold settle hold_7m3q not-happened',
    exits,
  })
    .argument('<id>', idHelp)
    .argument('<outcome>', '`happened` or `not-happened`')
    .option('--as <human>', 'who you are, where more than one human is enrolled')
    .action((id: string, outcome: string, options: Options) =>
      perform(io, done, options, async () => {
        if (outcome !== 'happened' && outcome !== 'not-happened') throw wrongOutcome();
        const client = await connectControl(io);
        const hold = await client.get<Hold>(holdPath(id));
        io.err(`${page(io, hold)}\n`);
        const digest = digestOf({ verb: 'settle', id: hold.id, happened: outcome });
        const submission = await askFactor(io, client, { digest, typedName: null, as: options.as ?? null });
        const after = await client.post<Hold>(`${holdPath(hold.id)}/settle`, { happened: outcome, submission });
        print(io, options, after, () => [`${after.id}: ${stateLine(after)}`]);
        return exitCodes.ok;
      }),
    );
}

function wrongOutcome(): HoldpointError {
  return new HoldpointError('wrong-usage', {
    what: 'The outcome must be `happened` or `not-happened`.',
    why: 'Anything else would leave the hold as unknown as it is.',
    next: 'Look at the provider, then say which of the two it is.',
  });
}

export const verb: Verb = {
  build: (io, done) =>
    group('hold', 'look at one hold and decide it', [
      show(io, done),
      approve(io, done),
      stopper(io, done, 'deny', 'say no; the same request is refused for 24 hours'),
      stopper(io, done, 'cancel', 'take back an approval during its delay, or close an open hold'),
      settle(io, done),
    ]),
};
