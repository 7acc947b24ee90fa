// The command line: a table of verbs, each in its own file, loaded only when it is the one that was asked for.
// Only this table, the terminal and commander are loaded at start, so that `holdpoint --version` is quick.
// It is started by bin/holdpoint, which finds the right Node first.

import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { nearest } from './nearest.ts';
import { terminalIo } from './terminal.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly verb: Verb }>;
}

export const verbs: readonly VerbEntry[] = [
  { name: 'holds', summary: 'list what waits for a human', load: () => import('./holds.ts') },
  { name: 'hold', summary: 'show, approve, deny, cancel or settle one hold', load: () => import('./hold.ts') },
];

function helpText(): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  const rows = verbs.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`);
  return [
    'Usage: holdpoint [--home <dir>] <command> [options]',
    '',
    'Nothing irreversible passes until a human has said yes to exactly that.',
    '',
    'Commands:',
    ...rows,
    '',
    'Options:',
    '  --home <dir>  the instance to speak to (default: HOLDPOINT_HOME, else ~/.holdpoint)',
    '  --version     print the version',
    '  --help        print this, or after a command its own help with an example',
    '',
  ].join('\n');
}

function version(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return file !== null && typeof file === 'object' && 'version' in file ? String(file.version) : 'unknown';
}

function unknownVerb(io: Io, name: string): ExitCode {
  const meant = nearest(
    name,
    verbs.map((verb) => verb.name),
  );
  io.err(`There is no command ${JSON.stringify(name)}.${meant === null ? '' : ` Did you mean \`${meant}\`?`}\n`);
  io.err('  next: holdpoint --help lists them all.\n');
  return exitCodes.usage;
}

async function runVerb(io: Io, entry: VerbEntry, args: readonly string[]): Promise<ExitCode> {
  const { verb } = await entry.load();
  let code: ExitCode | null = null;
  const command = verb.build(io, (given) => {
    code = given;
  });
  const usage = { writeOut: (text: string) => io.out(text), writeErr: (text: string) => io.err(text) };
  const quiet = (each: typeof command): void => {
    each.exitOverride().configureOutput(usage);
    each.commands.forEach(quiet);
  };
  quiet(command);
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    return fault.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return code ?? exitCodes.broken;
}

/** Runs one command line (without node and script) and says how the process should exit. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const [first, ...rest] = args;
  if (first === '--home') {
    const [home, ...more] = rest;
    if (home === undefined) return unknownVerb(io, '--home');
    return run(more, { ...io, env: { ...io.env, HOLDPOINT_HOME: home } });
  }
  if (first === '--version' || first === '-V') {
    io.out(`holdpoint ${version()}\n`);
    return exitCodes.ok;
  }
  if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    io.out(helpText());
    return first === undefined ? exitCodes.usage : exitCodes.ok;
  }
  if (first === 'help') return run([...rest, '--help'], io);
  const entry = verbs.find((verb) => verb.name === first);
  return entry === undefined ? unknownVerb(io, first) : runVerb(io, entry, rest);
}

if (import.meta.main) {
  const io = terminalIo(process.env);
  try {
    process.exitCode = await run(process.argv.slice(2), io);
  } catch (bug) {
    io.err(`holdpoint failed; this is a defect.\n${bug instanceof Error ? bug.stack : String(bug)}\n`);
    process.exitCode = exitCodes.broken;
  }
}
