// The command line: finds the verb in the table (verbs.ts), loads its file alone, runs it, and exits as it says.
// Only the table, the terminal and commander are loaded at start, so that every command starts quickly.
// It is started by bin/holdpoint, which finds the right Node first.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { reason } from '../platform/reason.ts';
import { tell } from './leaf.ts';
import { nearest } from './nearest.ts';
import { terminalIo } from './terminal.ts';
import { type ExitCode, exitCodes, type Io } from './verb.ts';
import { type VerbEntry, verbs } from './verbs.ts';

/** Every command of this CLI. */
export const allVerbs: readonly VerbEntry[] = [
  ...verbs,
  {
    name: 'completion',
    summary: 'completion words for your shell',
    load: async () => ({ verb: (await import('./completion.ts')).completionOf(verbs) }),
  },
];

function helpText(): string {
  const width = Math.max(...allVerbs.map((verb) => verb.name.length));
  const rows = allVerbs.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`);
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

function misused(io: Io, args: readonly string[], what: string, next: string): ExitCode {
  const why = 'The command line is not one of this program, and nothing of it was guessed or done.';
  tell(io, reason('wrong-usage', what, why, next), args.includes('--json') ? 'json' : 'text');
  return exitCodes.usage;
}

function unknownVerb(io: Io, name: string, args: readonly string[]): ExitCode {
  const meant = nearest(
    name,
    allVerbs.map((verb) => verb.name),
  );
  const what = `There is no command ${JSON.stringify(name)}.${meant === null ? '' : ` Did you mean \`${meant}\`?`}`;
  return misused(io, args, what, 'holdpoint --help lists them all.');
}

async function runVerb(io: Io, entry: VerbEntry, args: readonly string[]): Promise<ExitCode> {
  const { verb } = await entry.load();
  let code: ExitCode | null = null;
  // Under a parent of this name, so that usage lines read as they are typed.
  const command = new Command('holdpoint').helpCommand(false);
  command.addCommand(
    verb.build(io, (given) => {
      code = given;
    }),
  );
  const usage = {
    writeOut: (text: string) => io.out(text),
    writeErr: (text: string) => io.err(text),
    outputError: (text: string) => {
      misused(io, args, text.replace(/^error: /, '').trimEnd(), `holdpoint ${entry.name} --help shows how it is used.`);
    },
  };
  const quiet = (each: Command): void => {
    each.exitOverride().configureOutput(usage);
    each.commands.forEach(quiet);
  };
  quiet(command);
  try {
    await command.parseAsync([entry.name, ...args], { from: 'user' });
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
    if (home === undefined) return unknownVerb(io, '--home', args);
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
  const entry = allVerbs.find((verb) => verb.name === first);
  return entry === undefined ? unknownVerb(io, first, args) : runVerb(io, entry, rest);
}

if (import.meta.main) {
  const io = terminalIo(process.env);
  try {
    process.exitCode = await run(process.argv.slice(2), io);
  } catch (bug) {
    io.err(`This command failed by a defect of its own.\n${bug instanceof Error ? bug.stack : String(bug)}\n`);
    process.exitCode = exitCodes.broken;
  }
}
