// The lab as `npm start` runs it, as a process of its own with a home of its own, and what it printed. Tests read its
// printed lines as a visitor would; only the home's path is known beforehand.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout, cleanEnv, until } from './processes.ts';

export interface LabProcess {
  /** What HOLDPOINT_LAB_HOME says. */
  readonly home: string;
  readonly pid: number;
  printed(): string;
  /** SIGTERM, as a supervisor sends it; resolves with the exit code. */
  end(): Promise<number>;
  /** Ends what still runs and removes the home. */
  remove(): Promise<void>;
}

const lastLine = 'q ends the lab';

/** Starts it and waits until it has printed everything. Its home is a new folder that others may pass through. */
export async function startLabProcess(env: Readonly<Record<string, string>>): Promise<LabProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-e2e-'));
  const home = join(folder, 'home');
  const child: ChildProcess = spawn('node', [join(checkout, 'bin', 'holdpoint.mjs'), 'lab', 'up'], {
    cwd: checkout,
    env: {
      ...cleanEnv({ HOLDPOINT_LAB_HOME: home, HOLDPOINT_PROXY_PORT: '0', HOLDPOINT_CONTROL_PORT: '0', ...env }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  const keep = (part: Buffer) => {
    text += part.toString();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let exit: number | null = null;
  const ended = new Promise<number>((resolve) => {
    child.on('close', (code) => {
      exit = code ?? 128;
      resolve(exit);
    });
  });
  await until(() => (text.includes(lastLine) || exit !== null ? true : null));
  if (exit !== null) throw new Error(`the lab ended with ${exit}: ${text}`);
  const end = () => {
    if (exit === null) child.kill('SIGTERM');
    return ended;
  };
  return {
    home,
    pid: child.pid ?? 0,
    printed: () => text,
    end,
    async remove() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
