// How fast the journal is, on this machine's disk: durable commits by 64 callers who each wait for their own, beside the
// obvious rival (one row, one fsync), verification, and 10,000 open holds. Figures vary with the disk's mood; run alone.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { newTimedId, systemRandom } from '../src/platform/random.ts';
import type { EventDraft } from '../src/record/event.ts';
import { verifyJournal } from '../src/record/verify.ts';
import { openSqliteReader } from '../src/storage/sqlite/sqlite-reader.ts';
import { openSqliteStorage } from '../src/storage/sqlite/sqlite-storage.ts';
import type { RowWrite } from '../src/storage/storage.ts';

const random = systemRandom();
const writers = 64;
const commits = 50_000;
const rivalCommits = 3_000;
const holds = 10_000;

/** An allowed write's `decided` as the gateway makes it, some 500 bytes. */
function decided(i: number): EventDraft {
  const why = 'The grant of claude covers services:write in staging, and every target was verified to lie there.';
  return {
    kind: 'decided',
    atMs: Date.now(),
    actionId: newTimedId(random, 'act', Date.now()),
    holdId: null,
    agent: `agent-${i % 8}`,
    session: `ses_${i % 32}`,
    posture: 'brokered',
    data: { verdict: 'allow', reasons: [{ code: 'within-grant', what: 'Allowed.', why, next: 'Nothing.' }] },
  };
}

function holdRow(i: number, state: string): RowWrite {
  const value = JSON.stringify({ id: `hold_${i}`, state, shown: 'x'.repeat(2000) });
  const index = { retryKey: `retry-${i}`, state, atMs: i, open: true };
  return { table: 'hold', key: `hold_${i}`, value, index };
}

async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await run();
  return (performance.now() - from) / 1000;
}

interface Latency {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of all threads for one commit: what the figure would be bound by on an idle machine. */
  readonly cpuUs: number;
}

async function measureCommits(file: string, privateKey: KeyObject): Promise<Latency> {
  const storage = await openSqliteStorage({ file, stream: 'bench', signer: privateKey });
  const waits: number[] = [];
  let next = 0;
  const write = async () => {
    while (next < commits) {
      const i = next;
      next += 1;
      const from = performance.now();
      await storage.commit({ events: [decided(i)] });
      waits.push(performance.now() - from);
    }
  };
  const before = process.cpuUsage();
  const seconds = await secondsOf(() => Promise.all(Array.from({ length: writers }, write)));
  const cpu = process.cpuUsage(before);
  const { seq } = await storage.head();
  if (seq !== commits) throw new Error(`${seq} events instead of ${commits}`);
  await storage.close();
  waits.sort((a, b) => a - b);
  const at = (share: number) => Number((waits[Math.floor(waits.length * share)] ?? 0).toFixed(2));
  return {
    perSecond: Math.round(commits / seconds),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuUs: Math.round((cpu.user + cpu.system) / commits),
  };
}

/** One row, one transaction, one fsync: what a journal without group commit does. No hashing, no index. */
async function measureRival(file: string): Promise<number> {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE event (seq INTEGER PRIMARY KEY, text TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO event (text) VALUES (?)');
  const seconds = await secondsOf(async () => {
    for (let i = 0; i < rivalCommits; i += 1) insert.run(JSON.stringify(decided(i)));
  });
  db.close();
  return Math.round(rivalCommits / seconds);
}

async function measureVerify(file: string, publicKey: KeyObject): Promise<number> {
  const reader = openSqliteReader(file);
  const seconds = await secondsOf(async () => {
    const found = verifyJournal({ events: reader.stored(), checkpoints: reader.checkpoints(), publicKey });
    if (found.kind !== 'intact' || found.events !== commits) throw new Error('the journal does not hold');
  });
  reader.close();
  return Math.round(commits / seconds);
}

async function measureHolds(file: string, privateKey: KeyObject): Promise<Record<string, number>> {
  const open = () => openSqliteStorage({ file, stream: 'bench', signer: privateKey });
  let storage = await open();
  const openSeconds = await secondsOf(() =>
    Promise.all(
      Array.from({ length: holds }, (_, i) => storage.commit({ events: [decided(i)], rows: [holdRow(i, 'held')] })),
    ),
  );
  const listSeconds = await secondsOf(async () => {
    const listed = await storage.holds({ open: true, limit: holds });
    if (listed.length !== holds) throw new Error(`${listed.length} holds listed`);
  });
  const approveSeconds = await secondsOf(() =>
    storage.commit({ events: [decided(1)], rows: [holdRow(5000, 'approved')] }),
  );
  const retrySeconds = await secondsOf(() => storage.newestHold('retry-7777'));
  await storage.close();
  const reopenSeconds = await secondsOf(async () => {
    storage = await open();
    const listed = await storage.holds({ open: true, limit: holds });
    if (listed.length !== holds) throw new Error(`${listed.length} holds after the restart`);
  });
  await storage.close();
  return { openSeconds, listSeconds, approveSeconds, retrySeconds, reopenSeconds };
}

/** Measures and returns the figures; prints them as text unless `json`. */
export async function run(options: { readonly json: boolean }): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'hp-bench-'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  try {
    const file = join(folder, 'journal.sqlite');
    const ours = await measureCommits(file, privateKey);
    const rivalSingleFsyncPerSecond = await measureRival(join(folder, 'rival.sqlite'));
    const verifyPerSecond = await measureVerify(file, publicKey);
    const tenThousandHolds = await measureHolds(join(folder, 'holds.sqlite'), privateKey);
    const figures = {
      durablePerSecond64: ours.perSecond,
      commitP50Ms: ours.p50Ms,
      commitP99Ms: ours.p99Ms,
      cpuMicrosecondsPerCommit: ours.cpuUs,
      rivalSingleFsyncPerSecond,
      verifyPerSecond,
      bytesPerEvent: Math.round(statSync(file).size / commits),
      tenThousandHolds: Object.fromEntries(
        Object.entries(tenThousandHolds).map(([name, seconds]) => [name, Number(seconds.toFixed(4))]),
      ),
    };
    if (!options.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await run({ json: false });
