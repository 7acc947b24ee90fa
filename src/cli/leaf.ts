// The shape every command shares: --json, a help text with an example and exit codes, and faults told as what, why, next.
// It knows nothing of any command. Counterpart: verb.ts, the contract with main.ts.

import { Command } from 'commander';
import { inertLine } from '../hold/inert-text.ts';
import { HoldpointError } from '../platform/fault.ts';
import type { Reason } from '../platform/reason.ts';
import { type ExitCode, exitCodes, type Io } from './verb.ts';

export interface Help {
  readonly name: string;
  readonly summary: string;
  /** A command line that works, and what it shows. */
  readonly example: string;
  /** What each exit code but 0 means here; 2 and 4 mean the same everywhere. */
  readonly exits: string;
}

/** A command with --json and its help; arguments and action are added by the caller. */
export function leaf(help: Help): Command {
  return new Command(help.name)
    .description(help.summary)
    .option('--json', 'print one JSON value on stdout')
    .addHelpText(
      'after',
      `\nExample:\n  ${help.example}\n\nExit codes:\n  0 done; ${help.exits}; 2 wrong usage; 4 broken`,
    );
}

/** A command that only groups others; called bare it prints what it has. */
export function group(name: string, summary: string, children: readonly Command[]): Command {
  const parent = new Command(name).description(summary);
  for (const child of children) parent.addCommand(child);
  return parent;
}

const red = (io: Io, text: string) => (io.colour ? `\x1b[1;31m${text}\x1b[0m` : text);

/** Prints a reason on stderr, or as `{"error":…}` on stdout where a program reads. */
export function tell(io: Io, why: Reason, as: 'text' | 'json'): void {
  if (as === 'json') io.out(`${JSON.stringify({ error: why })}\n`);
  else io.err(`${red(io, inertLine(why.what))}\n  why:  ${inertLine(why.why)}\n  next: ${inertLine(why.next)}\n`);
}

const codesByFault: Readonly<Record<string, ExitCode>> = {
  'gateway-not-running': exitCodes.unreachable,
  'gateway-not-reached': exitCodes.unreachable,
  'store-missing': exitCodes.unreachable,
  'not-this-user': exitCodes.refused,
  'no-terminal': exitCodes.refused,
  'refused-by-gateway': exitCodes.refused,
  'asked-to-stop': exitCodes.refused,
  'passphrase-wrong': exitCodes.refused,
  'wrong-usage': exitCodes.usage,
};

/** Runs a command's work; a fault becomes its three sentences and an exit code, a bug becomes exit 4. */
export async function perform(
  io: Io,
  done: (code: ExitCode) => void,
  options: { readonly json?: boolean },
  work: () => Promise<ExitCode>,
): Promise<void> {
  try {
    done(await work());
  } catch (fault) {
    if (!(fault instanceof HoldpointError)) throw fault;
    tell(io, fault.reason, options.json === true ? 'json' : 'text');
    done(codesByFault[fault.code] ?? (fault.retry === 'no' ? exitCodes.refused : exitCodes.broken));
  }
}

/** Prints one JSON value, or the lines for people. */
export function print(
  io: Io,
  options: { readonly json?: boolean },
  value: unknown,
  lines: () => readonly string[],
): void {
  io.out(
    options.json === true
      ? `${JSON.stringify(value)}\n`
      : lines()
          .map((line) => `${line}\n`)
          .join(''),
  );
}

/** Columns for people: as wide as their widest cell, the last one free. Cells become inert. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map(inertLine));
  const widths = (cells[0] ?? []).map((_, index) => Math.max(...cells.map((row) => (row[index] ?? '').length)));
  return cells.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
