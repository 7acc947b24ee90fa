// `holdpoint credential list|show|add|rotate|remove`: token cards, which say what a credential was made for and what it
// can really do, and the secrets behind placeholders. A secret goes in, asked on /dev/tty alone with a human's factor over
// exactly it (it widens); none ever comes out: the gateway has no way to say one.

import type { Command } from 'commander';
import type { GivenCredential } from '../console/server/port.ts';
import { credentialPutDigest } from '../console/server/secret-digest.ts';
import { inertLine } from '../hold/inert-text.ts';
import { HoldpointError } from '../platform/fault.ts';
import { type ControlClient, connectControl } from './control-client.ts';
import { askFactor } from './factor.ts';
import { columns, group, leaf, perform, print } from './leaf.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

type Card = Readonly<Record<string, unknown>>;
type Done = (code: ExitCode) => void;

interface Options {
  readonly json?: boolean;
  readonly as?: string;
}

const exits = '1 refused or no such credential; 3 no gateway runs';
const exitsWithTerminal = '1 refused, no terminal or no such credential; 3 no gateway runs';

function words(value: unknown): string {
  if (value === null || value === undefined) return 'not known';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Of several cards with one name (an agent may be called like a credential) the credential's own. */
async function cardOf(client: ControlClient, id: string): Promise<Card> {
  const cards = (await client.get<readonly Card[]>('/api/credentials')).filter((each) => each.name === id);
  const card = cards.find((each) => each.kind === 'credential') ?? cards[0];
  if (card !== undefined) return card;
  throw new HoldpointError('no-such-credential', {
    what: 'There is no such credential.',
    why: 'None of the policy has this id.',
    next: 'List them with `holdpoint credential list`; a new one is added to the policy first.',
    retry: 'no',
  });
}

function list(io: Io, done: Done): Command {
  const help = { name: 'list', summary: 'list credentials by purpose', example: 'holdpoint credential list', exits };
  return leaf(help).action((options: Options) =>
    perform(io, done, options, async () => {
      const cards = await (await connectControl(io)).get<readonly Card[]>('/api/credentials');
      print(io, options, cards, () =>
        columns(cards.map((card) => [words(card.name), words(card.kind), words(card.created_for)])),
      );
      return exitCodes.ok;
    }),
  );
}

function show(io: Io, done: Done): Command {
  const help = { name: 'show', summary: 'show one token card', example: 'holdpoint credential show railway', exits };
  return leaf(help)
    .argument('<id>', 'the credential')
    .action((id: string, options: Options) =>
      perform(io, done, options, async () => {
        const card = await cardOf(await connectControl(io), id);
        print(io, options, card, () => columns(Object.entries(card).map(([key, value]) => [key, words(value)])));
        return exitCodes.ok;
      }),
    );
}

async function giveSecret(io: Io, id: string, as: string | null): Promise<GivenCredential> {
  const client = await connectControl(io);
  const card = await cardOf(client, id);
  // The purpose stands in the question: a secret pasted under the wrong id would get the wrong agents' power.
  const question = `Secret of ${inertLine(id)} (made for: ${inertLine(words(card.created_for))}), not shown:`;
  const secret = (await io.ask(question, { secret: true })).trim();
  const submission = await askFactor(io, client, { digest: credentialPutDigest(id, secret), typedName: null, as });
  return client.post<GivenCredential>(`/api/credentials/${encodeURIComponent(id)}`, { secret, submission });
}

function givenLines(id: string, { fingerprint, kinds }: GivenCredential): readonly string[] {
  const as = kinds.length === 0 ? 'not recognised by its shape' : `has the shape of: ${kinds.join(', ')}`;
  return [
    inertLine(`${id}: stored, ${fingerprint}; ${as}`),
    `What it can do: holdpoint credential show ${inertLine(id)}`,
  ];
}

function give(io: Io, done: Done, name: 'add' | 'rotate', summary: string): Command {
  return leaf({ name, summary, example: `holdpoint credential ${name} railway`, exits: exitsWithTerminal })
    .argument('<id>', 'the credential, as it stands in the policy')
    .option('--as <human>', 'who you are, where more than one human is enrolled')
    .action((id: string, options: Options) =>
      perform(io, done, options, async () => {
        const given = await giveSecret(io, id, options.as ?? null);
        print(io, options, { credential: id, ...given }, () => givenLines(id, given));
        if (name === 'rotate') {
          const page = given.docs === null ? '' : ` ${inertLine(given.docs)} says where.`;
          io.err(`  The old secret still works at the provider until it is revoked there.${page}\n`);
        }
        return exitCodes.ok;
      }),
    );
}

function remove(io: Io, done: Done): Command {
  const summary = 'forget the secret of a credential: what needs it stops at once';
  return leaf({ name: 'remove', summary, example: 'holdpoint credential remove railway', exits })
    .argument('<id>', 'the credential')
    .action((id: string, options: Options) =>
      perform(io, done, options, async () => {
        const client = await connectControl(io);
        await client.post<null>(`/api/credentials/${encodeURIComponent(id)}/remove`, {});
        print(io, options, { removed: id }, () => [`${inertLine(id)}: its secret is forgotten here`]);
        io.err('  It still works at the provider until it is revoked there.\n');
        return exitCodes.ok;
      }),
    );
}

export const verb: Verb = {
  build: (io, done) =>
    group('credential', 'what each credential was made for and can do', [
      list(io, done),
      show(io, done),
      give(io, done, 'add', 'give a credential its secret, asked on the terminal and stored under lock'),
      give(io, done, 'rotate', 'give a credential a new secret in place of the old one'),
      remove(io, done),
    ]),
};
