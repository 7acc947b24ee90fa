// `holdpoint completion bash|zsh|fish`: the verbs and their subcommands for a shell's Tab key, from the table itself.
// Words only: no hold ids, so that pressing Tab never speaks to the gateway.

import type { Command } from 'commander';
import { HoldpointError } from '../platform/fault.ts';
import { leaf, perform, print } from './leaf.ts';
import { exitCodes, type Io, type Verb } from './verb.ts';
import type { VerbEntry } from './verbs.ts';

type Words = ReadonlyMap<string, readonly string[]>;

async function readWords(io: Io, table: readonly VerbEntry[]): Promise<Words> {
  const words = new Map<string, readonly string[]>([['completion', Object.keys(scripts)]]);
  for (const { name, load } of table) {
    const command: Command = (await load()).verb.build(io, () => {});
    words.set(
      name,
      command.commands.map((child) => child.name()),
    );
  }
  return words;
}

const scripts: Readonly<Record<string, (words: Words) => readonly string[]>> = {
  bash: (words) => [
    '_holdpoint() {',
    '  local word=$2',
    '  set -- "$COMP_CWORD" "$1" $COMP_LINE',
    '  case "$1:$4" in',
    `    1:*) COMPREPLY=($(compgen -W "${[...words.keys()].join(' ')}" -- "$word")) ;;`,
    ...[...words]
      .filter(([, children]) => children.length > 0)
      .map(([name, children]) => `    2:${name}) COMPREPLY=($(compgen -W "${children.join(' ')}" -- "$word")) ;;`),
    '  esac',
    '}',
    'complete -F _holdpoint holdpoint',
  ],
  zsh: (words) => ['autoload -U +X bashcompinit && bashcompinit', ...(scripts.bash?.(words) ?? [])],
  fish: (words) => [
    ...[...words.keys()].map((name) => `complete -c holdpoint -f -n __fish_use_subcommand -a ${name}`),
    ...[...words].flatMap(([name, children]) =>
      children.map((child) => `complete -c holdpoint -f -n '__fish_seen_subcommand_from ${name}' -a ${child}`),
    ),
  ],
};

/** The verb over the table of all others: it is not in that table itself, because a table cannot name its own reader. */
export const completionOf = (table: readonly VerbEntry[]): Verb => ({
  build: (io, done) =>
    leaf({
      name: 'completion',
      summary: 'print completion words for bash, zsh or fish',
      example: 'source <(holdpoint completion bash)',
      exits: '1 unused; 3 unused',
    })
      .argument('<shell>', 'bash, zsh or fish')
      .action((shell: string, options: { readonly json?: boolean }) =>
        perform(io, done, options, async () => {
          const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
          if (script === undefined) {
            throw new HoldpointError('wrong-usage', {
              what: 'Completion is there for bash, zsh and fish.',
              why: 'Another shell was named.',
              next: 'Name one of the three.',
            });
          }
          const words = await readWords(io, table);
          print(io, options, Object.fromEntries(words), () => script(words));
          return exitCodes.ok;
        }),
      ),
});
