import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { storageContract } from '../contract.ts';
import { openSqliteStorage } from './sqlite-storage.ts';

const root = mkdtempSync(join(tmpdir(), 'hp-store-'));
const { privateKey } = generateKeyPairSync('ed25519');
let count = 0;

afterAll(() => rmSync(root, { recursive: true, force: true }));

storageContract('sqlite', async (place) => {
  count += place === null ? 1 : 0;
  const file = place ?? join(root, `${count}`, 'store.sqlite');
  return { storage: await openSqliteStorage({ file, stream: 'test', signer: privateKey }), place: file };
});
