// Causes of the rows of bad-input-table.ts that end a start: homes, code, stores, keys and ports that are not as they
// must be. Each start has a home of its own, and nothing is left of it.

import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { startInstance } from '../src/gateway/compose.ts';
import { assertOwnCode } from '../src/gateway/instance-files.ts';
import { HoldpointError } from '../src/platform/fault.ts';
import { type Home, homeAt } from '../src/platform/home.ts';
import type { Seen } from './bad-input-table.ts';

/** The fault of a start, as text; a start that nothing refuses, or that breaks in another way, says so. */
async function refusal(start: () => Promise<void>): Promise<Seen> {
  try {
    await start();
    return { result: 0, text: 'started' };
  } catch (error) {
    if (!(error instanceof HoldpointError)) return { result: 0, text: `not a fault: ${String(error)}` };
    return { result: 0, text: JSON.stringify({ ...error.reason, code: error.code }) };
  }
}

async function started(
  prepare: (home: Home) => void,
  ports: { proxy?: number; control?: number } = {},
  root?: string,
): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bad-'));
  const own = homeAt(root ?? join(folder, 'home'));
  const seen = await refusal(async () => {
    prepare(own);
    const instance = await startInstance({
      ...{ home: own, name: 'bad', lab: null, proxyPort: ports.proxy ?? 0, controlPort: ports.control ?? 0 },
      ...{ notifier: { held: () => undefined, moved: () => undefined }, taskOf: () => null, fault: () => undefined },
    });
    await instance.close();
  });
  rmSync(folder, { recursive: true, force: true });
  return seen;
}

/** A home that has run once, so that keys and authority are there. */
async function used(spoil: (home: Home) => void): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-used-'));
  const root = join(folder, 'home');
  const { text } = await started(() => undefined, {}, root);
  if (text !== 'started') throw new Error(`the home was not used before: ${text}`);
  const seen = await started(spoil, {}, root);
  rmSync(folder, { recursive: true, force: true });
  return seen;
}

async function onTakenPort(which: 'proxy' | 'control'): Promise<Seen> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const seen = await started(() => undefined, { [which]: port });
  await new Promise((resolve) => server.close(resolve));
  return seen;
}

const plant = (path: string, text: string) => {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
};
const inKeys = (own: Home, name: RegExp, change: (path: string) => void) => {
  for (const file of readdirSync(own.keysDir)) if (name.test(file)) change(join(own.keysDir, file));
};

function edit(own: Home, sql: string): void {
  const database = new Database(own.storeFile);
  database.exec(sql);
  database.close();
}

/** `running`: the home of an instance that runs. */
export const startCauses = (running: () => string): Readonly<Record<string, () => Promise<Seen>>> => ({
  'home-open': () =>
    started((own) => {
      mkdirSync(own.root);
      chmodSync(own.root, 0o777);
    }),
  'home-file': () => started((own) => writeFileSync(own.root, 'x')),
  'store-text': () =>
    started((own) => {
      mkdirSync(own.root, { mode: 0o700 });
      plant(own.storeFile, 'not a store at all '.repeat(100));
    }),
  'store-busy': () => started(() => undefined, {}, running()),
  'keys-open': () => used((own) => inKeys(own, /./, (path) => chmodSync(path, 0o644))),
  'ca-broken': () => used((own) => inKeys(own, /ca/i, (path) => writeFileSync(path, 'no certificate'))),
  'proxy-port': () => onTakenPort('proxy'),
  'control-port': () => onTakenPort('control'),
  'run-open': () => used((own) => chmodSync(dirname(own.controlTokenFile), 0o777)),
  'code-open': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-code-'));
    mkdirSync(join(folder, 'src'));
    chmodSync(join(folder, 'src'), 0o777);
    const seen = await refusal(async () => assertOwnCode(folder));
    rmSync(folder, { recursive: true, force: true });
    return seen;
  },
  'store-damaged': () =>
    used((own) => {
      const handle = openSync(own.storeFile, 'r+');
      writeSync(handle, Buffer.alloc(4096 * 4, 0x5a), 0, 4096 * 4, 4096 * 4);
      closeSync(handle);
    }),
  'store-cut': () => used((own) => truncateSync(own.storeFile, statSync(own.storeFile).size - 4096 * 3)),
  'store-format': () => used((own) => edit(own, 'PRAGMA user_version = 2')),
  'store-tail': () => used((own) => edit(own, 'DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)')),
  'store-keys': () => used((own) => rmSync(own.keysDir, { recursive: true })),
  'keys-folder-open': () => used((own) => chmodSync(own.keysDir, 0o755)),
  'ca-key-open': () => used((own) => inKeys(own, /^ca\.key$/, (path) => chmodSync(path, 0o644))),
});
