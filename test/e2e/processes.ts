// Real processes for the end-to-end tests: any command with its output, the holdpoint command as a user starts it, and
// the same on a pseudo-terminal (`script`). Nothing here knows what an answer means.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const checkout = join(import.meta.dirname, '..', '..');
export const holdpointCommand = join(checkout, 'bin', 'holdpoint');

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

type Env = Readonly<Record<string, string>>;

/** A clean environment: what the tests' own shell has must not decide what a client does. */
export function cleanEnv(env: Env = {}): Env {
  return { PATH: process.env.PATH ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', ...env };
}

/** Runs a command to its end, in a session of its own, so that it has no terminal. 128 + signal if it was killed. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { cwd = '/', env } = options;
    const child = spawn(command, args, {
      cwd,
      env: { ...cleanEnv(env) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      out += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      err += part;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: signal === null ? (code ?? 1) : 128, out, err }));
  });
}

/** `holdpoint …` as a process of its own, without a terminal. */
export function holdpoint(home: string, args: readonly string[]): Promise<Ended> {
  return run(holdpointCommand, args, { env: { HOLDPOINT_HOME: home } });
}

export interface Played {
  readonly code: number;
  readonly screen: string;
}

/** `holdpoint …` on a pseudo-terminal; each answer is typed when its question is on the screen. */
export function holdpointOnTerminal(
  home: string,
  args: readonly string[],
  turns: readonly (readonly [question: string, answer: string])[],
): Promise<Played> {
  return new Promise((resolve, reject) => {
    const words = [holdpointCommand, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
      cwd: '/',
      env: { ...cleanEnv({ HOLDPOINT_HOME: home, TERM: 'dumb', SHELL: '/bin/sh' }) },
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    const left = [...turns];
    let screen = '';
    let read = 0;
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      screen += part;
      const [next] = left;
      if (next === undefined) return;
      const at = screen.indexOf(next[0], read);
      if (at === -1) return;
      read = at + next[0].length;
      left.shift();
      child.stdin.write(`${next[1]}\r`);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, screen }));
  });
}

/** Waits until `look` gives something else than null; a look that never does is ended by the test's own limit. */
export async function until<T>(look: () => Promise<T | null> | T | null): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
