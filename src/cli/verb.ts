// The shape of a command: one file per verb, loaded only when asked for, so that the CLI starts fast.
// Commands print through Io alone; results on stdout (one JSON value with --json), notices on stderr.

import type { Command } from 'commander';

export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** True if colours may be used: stdout is a terminal and NO_COLOR is unset. */
  readonly colour: boolean;
  /** Asks on /dev/tty, never on stdin; rejects with `no-terminal` where there is none. */
  ask(question: string, options: { readonly secret: boolean }): Promise<string>;
}

/** Exit codes, documented in docs/reference/exit-codes.md. */
export const exitCodes = { ok: 0, refused: 1, usage: 2, unreachable: 3, broken: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Each verb's file exports one of these as `verb`. The command's action calls `done` with the exit code. */
export interface Verb {
  build(io: Io, done: (code: ExitCode) => void): Command;
}
