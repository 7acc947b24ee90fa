// The tamper corpus: each way to change a store file behind the gateway's back, and the event that `verify` names.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from '../../record/checkpoint.ts';
import { chainOf, genesis, leafOf } from '../../record/seal.ts';
import { type Verification, verifyEvents, verifyJournal } from '../../record/verify.ts';
import { draftOf } from '../contract.ts';
import { openSqliteReader } from './sqlite-reader.ts';
import { openSqliteStorage } from './sqlite-storage.ts';

const root = mkdtempSync(join(tmpdir(), 'hp-tamper-'));
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const thief = generateKeyPairSync('ed25519');
const original = join(root, 'original.sqlite');
/** 30 events and a checkpoint, 10 more and a second one. */
const kept: string[] = [];
let copies = 0;

beforeAll(async () => {
  for (const [from, to] of [
    [1, 30],
    [31, 40],
  ] as const) {
    const storage = await openSqliteStorage({ file: original, stream: 'test', signer: privateKey });
    for (let i = from; i <= to; i += 1) {
      const ids = { actionId: `act_${i}`, holdId: i % 2 === 0 ? `hold_${i}` : null, agent: 'claude' };
      await storage.commit({
        events: [draftOf({ kind: 'decided', atMs: 1000 + i, ...ids, data: { verdict: 'deny', i } })],
      });
    }
    await storage.close();
    const reader = openSqliteReader(original);
    kept.push(reader.checkpoints().at(-1)?.note ?? '');
    reader.close();
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function verifyFile(file: string, notes: readonly string[] = [], key: KeyObject = publicKey): Verification {
  const reader = openSqliteReader(file);
  try {
    return reader.snapshot(() =>
      verifyJournal({ events: reader.stored(), checkpoints: reader.checkpoints(), publicKey: key, kept: notes }),
    );
  } finally {
    reader.close();
  }
}

function tampered(change: (db: Database.Database) => void): string {
  copies += 1;
  const file = join(root, `copy-${copies}.sqlite`);
  copyFileSync(original, file);
  const db = new Database(file);
  change(db);
  db.close();
  return file;
}

const run = (sql: string) => (db: Database.Database) => void db.exec(sql);

/** What someone with the file but without the key can do best: edit one event and make every later hash anew. */
function rechain(db: Database.Database, seq: number): void {
  db.exec(`UPDATE event SET text = replace(text, '"deny"', '"allow"') WHERE seq = ${seq}`);
  const rows = db.prepare('SELECT seq, text FROM event ORDER BY seq').all() as { seq: number; text: string }[];
  const update = db.prepare('UPDATE event SET leaf = ?, chain = ? WHERE seq = ?');
  let chain = genesis;
  for (const row of rows) {
    const leaf = leafOf(row.text);
    chain = chainOf(chain, leaf);
    update.run(leaf, chain, row.seq);
  }
}

describe('tampering', () => {
  it('finds nothing in a journal that nobody touched', () => {
    const found = verifyFile(original);
    expect(found).toMatchObject({ kind: 'intact', events: 40, signed: 40, checkpoints: 2, stream: 'test' });
    expect(found).toMatchObject({ anchor: null, notAnchoredSinceMs: 1001, firstAtMs: 1001, lastAtMs: 1040 });
  });

  it('knows from kept checkpoints since when nothing left the machine', () => {
    expect(verifyFile(original, [kept[0] ?? ''])).toMatchObject({
      anchor: { size: 30, by: 'kept' },
      notAnchoredSinceMs: 1031,
    });
    expect(verifyFile(original, kept)).toMatchObject({ anchor: { size: 40, by: 'kept' }, notAnchoredSinceMs: null });
  });

  it.each<[string, number, string, (db: Database.Database) => void]>([
    [
      'a byte of the text',
      7,
      'text-differs',
      run(`UPDATE event SET text = replace(text, '"deny"', '"dEny"') WHERE seq = 7`),
    ],
    ['a blank in the text', 7, 'text-differs', run(`UPDATE event SET text = replace(text, ':', ': ') WHERE seq = 7`)],
    ['a byte of the leaf', 8, 'text-differs', run(`UPDATE event SET leaf = '00' || substr(leaf, 3) WHERE seq = 8`)],
    ['a byte of the chain', 9, 'chain-differs', run(`UPDATE event SET chain = '00' || substr(chain, 3) WHERE seq = 9`)],
    ['the number', 10, 'event-missing', run('UPDATE event SET seq = 100 WHERE seq = 10')],
    ['the kind column', 11, 'column-differs', run(`UPDATE event SET kind = 'started' WHERE seq = 11`)],
    ['the time column', 12, 'column-differs', run('UPDATE event SET at_ms = at_ms + 1 WHERE seq = 12')],
    ['the action column', 13, 'column-differs', run(`UPDATE event SET action_id = 'act_1' WHERE seq = 13`)],
    ['the hold column', 14, 'column-differs', run('UPDATE event SET hold_id = NULL WHERE seq = 14')],
    ['the agent column', 15, 'column-differs', run(`UPDATE event SET agent = 'codex' WHERE seq = 15`)],
    ['a deleted row', 16, 'event-missing', run('DELETE FROM event WHERE seq = 16')],
    ['a deleted first row', 1, 'event-missing', run('DELETE FROM event WHERE seq = 1')],
    [
      'two rows exchanged',
      17,
      'event-moved',
      run('UPDATE event SET seq = -seq WHERE seq IN (17, 18); UPDATE event SET seq = 35 + seq WHERE seq < 0'),
    ],
    [
      'an invented last row',
      41,
      'event-moved',
      run(
        `INSERT INTO event SELECT 41, text, leaf, chain, kind, at_ms, action_id, hold_id, agent FROM event WHERE seq = 40`,
      ),
    ],
    ['a cut tail', 36, 'tail-cut', run('DELETE FROM event WHERE seq > 35')],
    ['everything removed', 1, 'tail-cut', run('DELETE FROM event')],
    [
      'a forged checkpoint',
      30,
      'checkpoint-forged',
      run(`UPDATE checkpoint SET note = replace(note, 'time 1', 'time 2') WHERE size = 30`),
    ],
    ['a checkpoint moved', 31, 'checkpoint-forged', run('UPDATE checkpoint SET size = 31 WHERE size = 30')],
    ['an edit with all hashes made anew', 30, 'signed-otherwise', (db) => rechain(db, 20)],
    ['the same in the last stretch', 40, 'signed-otherwise', (db) => rechain(db, 35)],
  ])('names %s (event %i, %s)', (_name, seq, code, change) => {
    const found = verifyFile(tampered(change));
    expect(found).toMatchObject({ kind: 'broken', break: { seq, code } });
  });

  it('is refused by a checkpoint kept elsewhere when all local ones were removed', () => {
    const cut = tampered(run('DELETE FROM event WHERE seq > 35; DELETE FROM checkpoint WHERE size > 35'));
    expect(verifyFile(cut)).toMatchObject({ kind: 'intact', events: 35 });
    expect(verifyFile(cut, kept)).toMatchObject({ kind: 'broken', break: { seq: 36, code: 'tail-cut' } });
    const forged = tampered((db) => {
      rechain(db, 20);
      db.exec('DELETE FROM checkpoint');
    });
    expect(verifyFile(forged)).toMatchObject({ kind: 'intact', signed: 0 });
    expect(verifyFile(forged, kept)).toMatchObject({ kind: 'broken', break: { seq: 30, code: 'kept-note-differs' } });
  });

  it('does not believe a journal that was signed anew with another key', () => {
    const resigned = tampered((db) => {
      const chain = String(db.prepare('SELECT chain FROM event WHERE seq = 40').pluck().get());
      const found = verifyFile(original);
      const rootHash = found.kind === 'intact' ? found.root : '';
      const checkpoint = { origin: 'holdpoint/journal/test', size: 40, root: rootHash, chain, atMs: 1 };
      db.exec('DELETE FROM checkpoint');
      db.prepare("INSERT INTO checkpoint VALUES (40, ?, '')").run(signCheckpoint(checkpoint, thief.privateKey));
    });
    expect(verifyFile(resigned)).toMatchObject({ kind: 'broken', break: { code: 'checkpoint-forged' } });
    expect(verifyFile(resigned, kept, thief.publicKey)).toMatchObject({
      kind: 'broken',
      break: { code: 'kept-note-refused' },
    });
  });

  it('finds a long stretch from which the checkpoints were removed', async () => {
    const file = join(root, 'long.sqlite');
    const storage = await openSqliteStorage({ file, stream: 'test', signer: privateKey });
    await storage.commit({ events: Array.from({ length: 3000 }, (_, i) => draftOf({ atMs: i })) });
    await storage.close();
    expect(verifyFile(file)).toMatchObject({ kind: 'intact', checkpoints: 3, signed: 3000 });
    const db = new Database(file);
    db.exec('DELETE FROM checkpoint WHERE size = 2048');
    db.close();
    expect(verifyFile(file)).toMatchObject({ kind: 'broken', break: { seq: 2049, code: 'checkpoint-missing' } });
  });

  it('verifies events without a store, as from an export', () => {
    const reader = openSqliteReader(original);
    const events = reader.events({ limit: 100 });
    expect(verifyEvents(events, reader.checkpoints(), publicKey)).toMatchObject({ kind: 'intact', events: 40 });
    const edited = events.map((event) => (event.seq === 3 ? { ...event, agent: 'codex' } : event));
    expect(verifyEvents(edited, reader.checkpoints(), publicKey)).toMatchObject({
      break: { seq: 3, code: 'text-differs' },
    });
    reader.close();
  });
});
