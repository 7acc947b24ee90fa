// `holdpoint credential list|show`: token cards, which say what a credential was made for and what it can really do.
// Never a secret: the gateway does not have a way to say one.

import type { Command } from 'commander';
import { HoldpointError } from '../platform/fault.ts';
import { connectControl } from './control-client.ts';
import { columns, group, leaf, perform, print } from './leaf.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

type Card = Readonly<Record<string, unknown>>;
type Done = (code: ExitCode) => void;

const exits = '1 refused or no such credential; 3 no gateway runs';

function words(value: unknown): string {
  if (value === null || value === undefined) return 'not known';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function list(io: Io, done: Done): Command {
  const help = { name: 'list', summary: 'list credentials by purpose', example: 'holdpoint credential list', exits };
  return leaf(help).action((options: { readonly json?: boolean }) =>
    perform(io, done, options, async () => {
      const cards = await (await connectControl(io)).get<readonly Card[]>('/api/credentials');
      print(io, options, cards, () => columns(cards.map((card) => [words(card.id), words(card.created_for)])));
      return exitCodes.ok;
    }),
  );
}

function show(io: Io, done: Done): Command {
  const help = { name: 'show', summary: 'show one token card', example: 'holdpoint credential show railway', exits };
  return leaf(help)
    .argument('<id>', 'the credential')
    .action((id: string, options: { readonly json?: boolean }) =>
      perform(io, done, options, async () => {
        const cards = await (await connectControl(io)).get<readonly Card[]>('/api/credentials');
        const card = cards.find((each) => each.id === id);
        if (card === undefined) {
          throw new HoldpointError('no-such-credential', {
            what: 'There is no such credential.',
            why: 'None of the policy has this id.',
            next: 'List them with `holdpoint credential list`.',
            retry: 'no',
          });
        }
        print(io, options, card, () => columns(Object.entries(card).map(([key, value]) => [key, words(value)])));
        return exitCodes.ok;
      }),
    );
}

export const verb: Verb = {
  build: (io, done) =>
    group('credential', 'what each credential was made for and can do', [list(io, done), show(io, done)]),
};
