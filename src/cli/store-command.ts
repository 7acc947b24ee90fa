// What `journal` and `log` share: they read the store's file themselves, with or without a running gateway.
// They never write to the store and speak to no port; everything else about a command is leaf.ts.

import type { Command } from 'commander';
import { inertShort } from '../hold/inert-text.ts';
import { HoldpointError } from '../platform/fault.ts';
import { defaultHomeRoot, homeAt } from '../platform/home.ts';
import { openSqliteReader, type SqliteReader } from '../storage/sqlite/sqlite-reader.ts';
import { type Help, leaf, perform } from './leaf.ts';
import type { ExitCode, Io } from './verb.ts';

export interface StoreOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** Exit 1 of every command over the store. */
export const notYours = '1 a journal of another user';

/** A command over the store: leaf.ts's, with --home. */
export function storeCommand(help: Help): Command {
  const summary = 'the instance whose journal to read (default: HOLDPOINT_HOME, else ~/.holdpoint)';
  return leaf({ ...help, exits: `${help.exits}; 3 no journal there` }).option('--home <dir>', summary);
}

/** Opens the store, runs, closes. */
export function withStore(
  io: Io,
  done: (code: ExitCode) => void,
  options: StoreOptions,
  run: (reader: SqliteReader) => ExitCode | Promise<ExitCode>,
): Promise<void> {
  return perform(io, done, options, async () => {
    const reader = openSqliteReader(homeAt(options.home ?? defaultHomeRoot(io.env)).storeFile);
    try {
      return await run(reader);
    } finally {
      reader.close();
    }
  });
}

export function wrongUsage(what: string, why: string, next: string): HoldpointError {
  return new HoldpointError('wrong-usage', { what, why, next });
}

/** A positive whole number of an option; throws wrong-usage. */
export function countOf(text: string, option: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw wrongUsage(
    `${option} takes a number.`,
    `${inertShort(text)} is not a whole number above zero.`,
    `Try ${option} 50.`,
  );
}
