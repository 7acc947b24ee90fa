// Runs one step of an agent as what it would be: a shell in the work folder, with its own HOME, a cleared environment,
// a bound on time and output, and nothing left behind. The agent's processes see what the step's environment gives them
// and no variable of whoever started the lab.

import { spawn } from 'node:child_process';
import { dirname } from 'node:path';

export interface StepRun {
  readonly exitCode: number | null;
  readonly output: string;
}

const outputBytesMax = 64 * 1024;

export function runStep(
  command: string,
  options: { readonly folder: string; readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
): Promise<StepRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command], {
      cwd: options.folder,
      // A group of its own, so that a timeout ends curl as well as the shell around it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
        HOME: options.folder,
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        ...options.env,
      },
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    const take = (part: Buffer) => {
      bytes += part.length;
      if (bytes <= outputBytesMax) parts.push(part);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, options.timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, output: Buffer.concat(parts).toString('utf8') });
    });
  });
}
