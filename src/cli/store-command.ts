// What `journal` and `log` share: they read the store's file themselves, with or without a running gateway, and tell
// faults as what, why, next. They never write to the store and speak to no port.

import { Command } from 'commander';
import { HoldpointError } from '../platform/fault.ts';
import { defaultHomeRoot, homeAt } from '../platform/home.ts';
import { inert } from '../record/inert.ts';
import { openSqliteReader, type SqliteReader } from '../storage/sqlite/sqlite-reader.ts';
import { type ExitCode, exitCodes, type Io } from './verb.ts';

export interface StoreOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** A command with --home and --json, an example and its exit codes. */
export function storeCommand(name: string, summary: string, example: string, exits: string): Command {
  return new Command(name)
    .description(summary)
    .option('--home <dir>', 'the instance whose journal to read (default: HOLDPOINT_HOME, else ~/.holdpoint)')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', `\nExample:\n  ${example}\n\nExit codes:\n  ${exits}`);
}

/** Opens the store, runs, closes, and turns faults into their three sentences and an exit code. */
export async function withStore(
  io: Io,
  done: (code: ExitCode) => void,
  options: StoreOptions,
  run: (reader: SqliteReader) => ExitCode | Promise<ExitCode>,
): Promise<void> {
  try {
    const reader = openSqliteReader(homeAt(options.home ?? defaultHomeRoot(io.env)).storeFile);
    try {
      done(await run(reader));
    } finally {
      reader.close();
    }
  } catch (error) {
    if (!(error instanceof HoldpointError)) throw error;
    const { reason } = error;
    if (options.json === true) io.out(`${JSON.stringify({ error: reason })}\n`);
    else io.err(`${inert(reason.what)}\n  why:  ${inert(reason.why)}\n  next: ${inert(reason.next)}\n`);
    done(codesByFault[error.code] ?? exitCodes.broken);
  }
}

const codesByFault: Readonly<Record<string, ExitCode>> = {
  'store-missing': exitCodes.unreachable,
  'wrong-usage': exitCodes.usage,
};

export function wrongUsage(what: string, why: string, next: string): HoldpointError {
  return new HoldpointError('wrong-usage', { what, why, next });
}

/** A positive whole number of an option; throws wrong-usage. */
export function countOf(text: string, option: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw wrongUsage(
    `${option} takes a number.`,
    `${inert(text)} is not a whole number above zero.`,
    `Try ${option} 50.`,
  );
}
