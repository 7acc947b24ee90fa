// Starts a long-running program of this project hardened: cleared environment, no debugger, no core dumps, umask 077.
// It raises the bar against what comes in through the starter's environment; against the same uid or root it is none
// (that is posture). The program itself checks its home and ports. Counterpart: scripts/node.mjs, which finds Node.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { HoldpointError } from '../platform/fault.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Names that go through; all else is dropped, so a new dangerous variable needs no entry in a list. */
const passed =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TERM|COLORTERM|NO_COLOR|TMPDIR|XDG_RUNTIME_DIR|HOLDPOINT_[A-Z_]+)$/;

// disable-sigusr1: without it `kill -USR1` opens a debugger on a local port. disable-proto: a `__proto__` in hostile
// JSON changes nothing for the rest. The others are memory: what a request leaves behind is small and dies young, so
// young objects get 4 MB, collected by one thread (four cost more in meeting than they save), and old ones are collected
// when they have grown by a fifth instead of to several times what is alive.
export const nodeFlags: readonly string[] = [
  '--disable-sigusr1',
  '--disable-proto=delete',
  '--max-semi-space-size=4',
  '--no-parallel-scavenge',
  '--heap-growing-percent=20',
  '--disable-warning=ExperimentalWarning',
];

/** The C library's: one heap for all threads instead of one for each, and what is free at its end is given back. */
const memoryEnv = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' } as const;

/** What of an environment the hardened program gets. */
export function clearedEnv(env: Env): Readonly<Record<string, string>> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && passed.test(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(kept);
}

/** The whole environment of a hardened program. */
export function hardenedEnv(env: Env): Readonly<Record<string, string>> {
  return { ...clearedEnv(env), ...memoryEnv };
}

/** The command line, for the test and for a service file. */
export function hardenedCommand(entry: string, args: readonly string[]): readonly [string, ...string[]] {
  // A shell for two settings that Node cannot make for itself; it is replaced at once and sees no foreign text.
  const settings = 'umask 077; ulimit -c 0; exec "$@"';
  return ['/bin/sh', '-c', settings, 'holdpoint', process.execPath, ...nodeFlags, entry, ...args];
}

/** Runs a program of this project (program.ts) with stdio inherited; resolves with its exit code (128 + signal if killed). */
export function launchHardened(entry: string, args: readonly string[], env: Env): Promise<number> {
  return new Promise((resolve, reject) => {
    const [command, ...rest] = hardenedCommand(entry, args);
    const child = spawn(command, rest, { stdio: 'inherit', env: hardenedEnv(env) });
    const pass = (signal: NodeJS.Signals) => void child.kill(signal);
    const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    const end = (settle: () => void) => {
      for (const signal of signals) process.off(signal, pass);
      settle();
    };
    child.on('error', (cause) =>
      end(() =>
        reject(
          new HoldpointError('launch-failed', {
            what: 'The gateway could not be started.',
            why: `${command} did not run.`,
            next: 'Check that /bin/sh is there and that this user may start processes.',
            cause,
          }),
        ),
      ),
    );
    child.on('exit', (code, signal) =>
      end(() => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])),
    );
  });
}
