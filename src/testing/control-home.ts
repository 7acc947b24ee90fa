// An instance's home in a temporary folder with a control server over a fake gateway behind it: what the CLI finds.
// `end` closes the server and removes the folder.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startControlServer } from '../console/server/server.ts';
import { homeAt } from '../platform/home.ts';
import { type FakeControl, type FakeControlParts, fakeControl } from './fake-control.ts';

export interface ControlHome {
  readonly fake: FakeControl;
  readonly root: string;
  readonly port: number;
  /** For Io.env: the home, and a control port for the CLI's knock when the home is not readable. */
  readonly env: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

export async function controlHome(parts: FakeControlParts = {}): Promise<ControlHome> {
  const fake = fakeControl(parts);
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-home-'));
  const home = homeAt(root);
  const token = 'control-token-of-this-test';
  const server = await startControlServer(fake, {
    host: '127.0.0.1',
    port: 0,
    token,
    lab: false,
    isAgentToken: () => false,
  });
  mkdirSync(dirname(home.instanceFile), { recursive: true });
  writeFileSync(home.controlTokenFile, `${token}\n`, { mode: 0o600 });
  const instance = { pid: process.pid, proxyPort: 4653, controlPort: server.port, startedAt: 0 };
  writeFileSync(home.instanceFile, JSON.stringify(instance), { mode: 0o600 });
  return {
    fake,
    root,
    port: server.port,
    env: { HOLDPOINT_HOME: root, HOLDPOINT_CONTROL_PORT: String(server.port) },
    async end() {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
