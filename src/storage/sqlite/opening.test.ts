import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { draftOf } from '../contract.ts';
import type { Storage } from '../storage.ts';
import { asStoreFault } from './opening.ts';
import { openSqliteStorage } from './sqlite-storage.ts';

const root = mkdtempSync(join(tmpdir(), 'hp-opening-'));
const { privateKey } = generateKeyPairSync('ed25519');
let count = 0;

afterAll(() => rmSync(root, { recursive: true, force: true }));

function newFile(): string {
  count += 1;
  const folder = join(root, `${count}`);
  mkdirSync(folder, { mode: 0o700 });
  return join(folder, 'store.sqlite');
}

const open = (file: string, stream = 'test'): Promise<Storage> =>
  openSqliteStorage({ file, stream, signer: privateKey });

/** A closed store with some events. */
async function storeFile(events: number): Promise<string> {
  const file = newFile();
  const storage = await open(file);
  for (let i = 0; i < events; i += 1) await storage.commit({ events: [draftOf({ data: { text: 'x'.repeat(500) } })] });
  await storage.close();
  return file;
}

function edit(file: string, sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

describe('opening', () => {
  it.each<[string, string, (file: string) => void]>([
    ['a text file', 'store-not-a-store', (file) => writeFileSync(file, 'hello, this is no store\n')],
    ['another SQLite file', 'store-not-a-store', (file) => edit(file, 'CREATE TABLE t (a)')],
    ['a folder', 'store-not-private', (file) => mkdirSync(file)],
    ['a link', 'store-not-private', (file) => symlinkSync('/dev/null', file)],
  ])('refuses %s', async (_name, code, make) => {
    const file = newFile();
    make(file);
    await expect(open(file)).rejects.toMatchObject({ code, reason: { what: expect.stringContaining(file) } });
  });

  it.each<[string, string, (file: string) => void]>([
    ['a later format', 'store-version', (file) => edit(file, 'PRAGMA user_version = 2')],
    ['a cut file', 'store-corrupt', (file) => truncateSync(file, statSync(file).size - 4096 * 3)],
    ['overwritten pages', 'store-corrupt', (file) => scribble(file)],
    ['a hard link to it', 'store-not-private', (file) => linkSync(file, `${file}.other`)],
    ['a folder that others may write', 'store-not-private', (file) => chmodSync(join(file, '..'), 0o777)],
    [
      'an edited tail',
      'journal-broken',
      (file) => edit(file, dropTail("UPDATE event SET text = replace(text, 'x', 'y')")),
    ],
    ['a cut tail', 'journal-broken', (file) => edit(file, 'DELETE FROM event WHERE seq > 25')],
    [
      'a forged checkpoint',
      'journal-broken',
      (file) => edit(file, "UPDATE checkpoint SET note = replace(note, 'time 1', 'time 2')"),
    ],
    [
      'peaks of other events',
      'journal-broken',
      (file) => edit(file, "UPDATE checkpoint SET peaks = replace(peaks, 'a', 'b')"),
    ],
  ])('refuses a store with %s', async (_name, code, damage) => {
    const file = await storeFile(30);
    await (await open(file)).close();
    damage(file);
    await expect(open(file)).rejects.toMatchObject({ code });
  });

  it('refuses another stream or another key', async () => {
    const file = await storeFile(1);
    await expect(open(file, 'other')).rejects.toMatchObject({ code: 'store-other-key' });
    const signer = generateKeyPairSync('ed25519').privateKey;
    await expect(openSqliteStorage({ file, stream: 'test', signer })).rejects.toMatchObject({
      code: 'store-other-key',
    });
    await (await open(file)).close();
  });

  it('refuses a second instance for as long as the first has it, and then no longer', async () => {
    const file = newFile();
    const first = await open(file);
    await expect(open(file)).rejects.toMatchObject({ code: 'store-in-use' });
    await first.commit({ events: [draftOf()] });
    await first.close();
    const second = await open(file);
    expect(await second.head()).toMatchObject({ seq: 1 });
    await second.close();
  });

  it('makes files for their owner alone, and tightens what it finds', async () => {
    const file = await storeFile(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o666);
    const storage = await open(file);
    for (const name of [file, `${file}-wal`, `${file}-shm`, `${file}.lock`])
      expect(statSync(name).mode & 0o777).toBe(0o600);
    await storage.close();
  });

  it('opens a file that an interrupted start left empty', async () => {
    const file = newFile();
    writeFileSync(file, '');
    const storage = await open(file);
    expect(await storage.commit({ events: [draftOf()] })).toHaveLength(1);
    await storage.close();
  });

  it('takes a raw seed as well as a key', async () => {
    const file = newFile();
    const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
    await (await openSqliteStorage({ file, stream: 'test', signer: seed })).close();
    await (await openSqliteStorage({ file, stream: 'test', signer: seed })).close();
    await expect(openSqliteStorage({ file, stream: 'test', signer: seed.subarray(1) })).rejects.toThrow(TypeError);
    await expect(openSqliteStorage({ file, stream: 'Bad Name', signer: seed })).rejects.toThrow(TypeError);
  });

  it('never touches a file that it refuses', async () => {
    const file = newFile();
    edit(file, 'CREATE TABLE t (a)');
    const before = readFileSync(file);
    copyFileSync(file, `${file}.copy`);
    await expect(open(file)).rejects.toMatchObject({ code: 'store-not-a-store' });
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

/** Takes checkpoints away first, so that only the chain is left to find the edit. */
function dropTail(sql: string): string {
  return `DELETE FROM checkpoint; ${sql}`;
}

function scribble(file: string): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(4096 * 4, 0x5a), 0, 4096 * 4, 4096 * 4);
}

describe('a store of another user', () => {
  it.each([
    ['EACCES', 'store-not-permitted', 'no'],
    ['EPERM', 'store-not-permitted', 'no'],
    ['EIO', 'store-unreadable', 'after-fix'],
    ['SQLITE_NOTADB', 'store-not-a-store', 'after-fix'],
  ])('%s is %s', (code, fault, retry) => {
    const told = asStoreFault(Object.assign(new Error(code), { code }), '/x/store.sqlite');
    expect([told.code, told.retry]).toEqual([fault, retry]);
  });
});
