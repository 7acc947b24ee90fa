// A program on a pseudo-terminal (`script` of util-linux), with a typist who answers each question when it stands on the
// screen. For tests only.

import { spawn } from 'node:child_process';

/** What to wait for on the screen, then what to type. */
export type Turn = readonly [wait: string, keys: string];

export interface Played {
  readonly screen: string;
  readonly code: number | null;
}

/** Runs a shell command line to its end. `env` is added to the test's own. */
export function playTerminal(
  line: string,
  turns: readonly Turn[],
  env: Readonly<Record<string, string>> = {},
): Promise<Played> {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const left = [...turns];
    let screen = '';
    child.stdout.on('data', (part: Buffer) => {
      screen += part.toString();
      const [next] = left;
      if (next === undefined || !screen.includes(next[0])) return;
      left.shift();
      child.stdin.write(next[1]);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ screen, code }));
  });
}
