// What the disk can do to the journal: it fills up, the process is killed in the middle, the thread dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { chainOf, genesis, leafOf, textOfSealed } from '../../record/seal.ts';
import { verifyJournal } from '../../record/verify.ts';
import { draftOf, holdRow } from '../contract.ts';
import type { Storage } from '../storage.ts';
import { openSqliteReader } from './sqlite-reader.ts';
import { openSqliteStorage } from './sqlite-storage.ts';

const root = mkdtempSync(join(tmpdir(), 'hp-durability-'));
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function expectWhole(storage: Storage): Promise<number> {
  let previous = genesis;
  let seq = 0;
  for (const event of await storage.events({ limit: 100_000 })) {
    seq += 1;
    expect(event.seq).toBe(seq);
    expect(event.leaf).toBe(leafOf(textOfSealed(event)));
    expect(event.chain).toBe(chainOf(previous, event.leaf));
    previous = event.chain;
  }
  return seq;
}

describe('a full disk', () => {
  it('rejects, says unwritable, keeps nothing of the change, and recovers by itself', async () => {
    const file = join(root, 'full.sqlite');
    const storage = await openSqliteStorage({ file, stream: 'test', signer: privateKey, pagesMax: 60 });
    await storage.commit({ events: [draftOf()] });
    const big = new Uint8Array(400_000);
    const change = { events: [draftOf()], rows: [holdRow('h')], bodies: [{ id: 'b', bytes: big }] };
    const failed = storage.commit(change);
    await expect(failed).rejects.toMatchObject({ code: 'journal-unwritable' });
    expect(storage.writable).toBe(false);
    expect(await storage.row('hold', 'h')).toBeNull();
    expect(await storage.body('b')).toBeNull();
    expect(await storage.head()).toMatchObject({ seq: 1 });
    // No commit is tried here: the probe alone must find that small things fit again.
    for (let waited = 0; waited < 100 && !storage.writable; waited += 1) await new Promise((go) => setTimeout(go, 100));
    expect(storage.writable).toBe(true);
    expect((await storage.commit({ events: [draftOf()] }))[0]?.seq).toBe(2);
    expect(await expectWhole(storage)).toBe(2);
    await storage.close();
  });

  it('stays unwritable while nothing fits', async () => {
    const file = join(root, 'fuller.sqlite');
    const storage = await openSqliteStorage({ file, stream: 'test', signer: privateKey, pagesMax: 40 });
    const fill = async () => {
      for (let i = 0; i < 1000; i += 1)
        await storage.commit({ events: [draftOf({ data: { text: 'x'.repeat(900) } })] });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'journal-unwritable' });
    await new Promise((go) => setTimeout(go, 1500));
    expect(storage.writable).toBe(false);
    const { seq } = await storage.head();
    expect(await expectWhole(storage)).toBe(seq);
    await storage.close();
  });
});

describe('a crash while the file is made', () => {
  it('leaves nothing, or a journal that opens', async () => {
    for (let round = 0; round < 6; round += 1) {
      const file = join(root, `born-${round}.sqlite`);
      const writer = startWriter(file);
      const ended = new Promise((resolve) => writer.on('close', resolve));
      // Poll for the file itself, so that the kill falls into its creation, a little later each round.
      while (!existsSync(file) && writer.exitCode === null) await new Promise((go) => setTimeout(go, 1));
      await new Promise((go) => setTimeout(go, round));
      expect(writer.exitCode).toBeNull();
      writer.kill('SIGKILL');
      await ended;
      const storage = await openSqliteStorage({ file, stream: 'test', signer: privateKey });
      await storage.commit({ events: [draftOf()] });
      await storage.close();
    }
  });
});

describe('a dead thread', () => {
  it('rejects what is pending and is unwritable from then on', async () => {
    const file = join(root, 'thread.sqlite');
    const workers: Worker[] = [];
    const start = (url: URL, options: ConstructorParameters<typeof Worker>[1]) => {
      const worker = new Worker(url, options);
      workers.push(worker);
      return worker;
    };
    const storage = await openSqliteStorage({ file, stream: 'test', signer: privateKey, start });
    const first = await storage.commit({ events: [draftOf()] });
    const pending = storage.commit({ events: [draftOf({ data: { text: 'x'.repeat(1_000_000) } })] });
    const read = storage.head();
    const outcome = Promise.allSettled([pending, read]);
    await workers[0]?.terminate();
    const [commitOutcome, readOutcome] = await outcome;
    expect(commitOutcome).toMatchObject({ status: 'rejected', reason: { code: 'journal-unwritable' } });
    expect(readOutcome.status).toBe('rejected');
    expect(storage.writable).toBe(false);
    await expect(storage.commit({ events: [draftOf()] })).rejects.toMatchObject({ code: 'journal-unwritable' });
    await storage.close();
    const again = await openSqliteStorage({ file, stream: 'test', signer: privateKey });
    expect((await again.events({ limit: 1 }))[0]).toEqual(first[0]);
    await again.close();
  });
});

/** Writes without end; prints `<seq> <chain>` for each commit that resolved. */
const writerSource = `
  import { openSqliteStorage } from ${JSON.stringify(new URL('./sqlite-storage.ts', import.meta.url).href)};
  const [file, seed] = process.argv.slice(1);
  const storage = await openSqliteStorage({ file, stream: 'test', signer: Buffer.from(seed, 'hex') });
  const draft = (i) => ({ kind: 'held', atMs: i, actionId: 'act_' + i, holdId: 'hold_' + i, agent: 'a', session: null,
    posture: null, data: { text: 'x'.repeat(i % 700) } });
  let i = 0;
  const write = async () => {
    for (;;) {
      i += 1;
      const id = 'hold_' + i;
      const index = { retryKey: id, state: 'held', atMs: i, open: true };
      const [event] = await storage.commit({ events: [draft(i)],
        rows: [{ table: 'hold', key: id, value: JSON.stringify({ id }), index }],
        bodies: [{ id, bytes: Buffer.from(id) }] });
      process.stdout.write(event.seq + ' ' + event.chain + ' ' + id + '\\n');
    }
  };
  await Promise.all(Array.from({ length: 8 }, write));
`;

function startWriter(file: string): ChildProcess {
  const args = ['--input-type=module', '-e', writerSource, file, seed.toString('hex')];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills the writer once it has told of `count` more commits; resolves with all that it told. */
function killAfter(writer: ChildProcess, count: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    let told = '';
    writer.stdout?.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (told.split('\n').length > count) writer.kill('SIGKILL');
    });
    writer.on('close', () => resolve(told.split('\n').slice(0, -1)));
  });
}

describe('kill -9 in the middle of commits', () => {
  it('loses nothing that was acknowledged, over several rounds on one file', async () => {
    const file = join(root, 'killed.sqlite');
    let acknowledged = 0;
    for (const count of [1, 40, 333, 90, 700]) {
      const lines = await killAfter(startWriter(file), count);
      expect(lines.length).toBeGreaterThanOrEqual(count);
      acknowledged += lines.length;
      // A reader comes first: `journal verify` must work on what a crash left behind.
      const reader = openSqliteReader(file);
      const input = { events: reader.stored(), checkpoints: reader.checkpoints(), publicKey };
      expect(verifyJournal(input)).toMatchObject({ kind: 'intact' });
      reader.close();
      const storage = await openSqliteStorage({ file, stream: 'test', signer: privateKey });
      expect(await expectWhole(storage)).toBeGreaterThanOrEqual(acknowledged);
      for (const line of lines.slice(-50)) {
        const [seq, chain, id] = line.split(' ');
        const [event] = await storage.events({ afterSeq: Number(seq) - 1, limit: 1 });
        expect(event).toMatchObject({ seq: Number(seq), chain, holdId: id });
        expect(Buffer.from((await storage.body(id ?? '')) ?? []).toString()).toBe(id);
        expect(await storage.row('hold', id ?? '')).not.toBeNull();
      }
      await storage.close();
    }
  });
});
