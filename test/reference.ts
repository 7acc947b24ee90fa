// The reference pages that are made from the sources: docs/reference/codes.md and docs/reference/cli.md.
// `node_modules/.bin/node test/reference.ts` writes them; tidy.test.ts fails while they differ from what it would write.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { allVerbs } from '../src/cli/main.ts';
import type { Io } from '../src/cli/verb.ts';
import { codesIn, type UsedCode } from './tidy-rules.ts';
import { readTree, root } from './tree.ts';

const silent: Io = {
  out: () => {},
  err: () => {},
  stdin: (async function* () {})(),
  env: {},
  cwd: '/',
  colour: false,
  ask: () => Promise.reject(new Error('a reference page asks nothing')),
};

/** Every command that does something, under its full name. */
export async function leafCommands(): Promise<readonly { readonly name: string; readonly command: Command }[]> {
  const below = (name: string, command: Command): { name: string; command: Command }[] =>
    command.commands.length === 0
      ? [{ name, command }]
      : command.commands.flatMap((child) => below(`${name} ${child.name()}`, child));
  const all = await Promise.all(
    allVerbs.map(async ({ name, load }) =>
      below(
        name,
        (await load()).verb.build(silent, () => {}),
      ),
    ),
  );
  return all.flat();
}

/** The full help of a command, with what it adds after its options. */
export function helpOf(command: Command): string {
  let text = '';
  const add = (part: string): void => {
    text += part;
  };
  command.configureOutput({ writeOut: add, writeErr: add }).outputHelp();
  return text.trimEnd();
}

export async function cliPage(): Promise<string> {
  const sections = (await leafCommands()).map(
    ({ name, command }) => `## holdpoint ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
  );
  const head = [
    '# Commands',
    '',
    'Made by `test/reference.ts` from the commands themselves. Exit codes: [exit-codes.md](exit-codes.md).',
    '`--home <dir>` before any command names the instance; without it `HOLDPOINT_HOME`, else `~/.holdpoint`.',
    '',
  ];
  return `${head.join('\n')}\n${sections.join('\n')}`;
}

function usedCodes(): readonly UsedCode[] {
  const sources = readTree().filter(
    ({ path }) => /^src\/.*\.ts$/.test(path) && !/\.test\.ts$|^src\/testing\//.test(path),
  );
  const byCode = new Map<string, UsedCode>();
  for (const used of sources.flatMap(({ path, text }) => codesIn(path, text))) {
    const known = byCode.get(used.code);
    // The longest wording is the most telling; ties go to the first, so that the page does not depend on file order.
    if (known === undefined || used.what.length > known.what.length) byCode.set(used.code, used);
  }
  return [...byCode.values()].toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

export function codesPage(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = (fault: boolean) =>
    usedCodes().flatMap((used) => (used.fault === fault ? [`| \`${used.code}\` | ${cell(used.what)} |`] : []));
  return [
    '# Codes',
    '',
    'Made by `test/reference.ts` from the sources. A code never changes its meaning; its sentences may get better.',
    '`…` stands for what differs from case to case. Each comes with *why* and *next* where it is shown.',
    '',
    '## Faults',
    '',
    'Something is wrong with the world: network, disk, bytes, configuration. Programs find it as `code`.',
    '',
    '| code | what |',
    '|---|---|',
    ...rows(true),
    '',
    '## Reasons',
    '',
    'Answers: why something was denied, held or refused. Agents find it in the problem JSON.',
    '',
    '| code | what |',
    '|---|---|',
    ...rows(false),
    '',
  ].join('\n');
}

if (import.meta.main) {
  writeFileSync(join(root, 'docs/reference/codes.md'), codesPage());
  writeFileSync(join(root, 'docs/reference/cli.md'), await cliPage());
}
