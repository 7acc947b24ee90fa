// The one writer: seals what is submitted, writes events, rows and bodies in one transaction, and signs checkpoints.
// A batch is all or nothing. If one change of a batch is itself impossible, each is tried alone, so that a faulty caller
// cannot fail its neighbours; if the disk is what failed, all fail and nothing of them is in the file.

import type { KeyObject } from 'node:crypto';
import type Database from 'better-sqlite3';
import { HoldpointError } from '../../platform/fault.ts';
import { checkpointEventsMax, originOf, signCheckpoint } from '../../record/checkpoint.ts';
import { extendRange, rootOf } from '../../record/merkle.ts';
import { chainOf, leafOf, textOf } from '../../record/seal.ts';
import type { RowWrite } from '../storage.ts';
import type { ChangeAnswer, FaultParts, FramedChange } from './message.ts';
import { codeOf } from './opening.ts';
import { tableOf } from './reading.ts';
import { loadTip, type Tip } from './tip.ts';

export interface Writing {
  /** Answers in the order of the changes. Never throws. */
  commit(changes: readonly FramedChange[]): readonly ChangeAnswer[];
  /** Signs what no checkpoint covers yet; does nothing if all is covered. Throws if it cannot be written. */
  checkpoint(): void;
  /** True if a transaction can be made durable now. */
  probe(): boolean;
  /** Events that no checkpoint covers. */
  unsigned(): number;
}

export interface WritingOptions {
  readonly db: Database.Database;
  readonly stream: string;
  readonly privateKey: KeyObject;
  readonly wallMs: () => number;
}

export function writingOf(options: WritingOptions): Writing {
  const { db, stream } = options;
  const write = statementsOf(db);
  let tip = loadTip(db, stream, options.privateKey);
  // After a failed transaction the file, not memory, says where the journal ends.
  let stale = false;

  const signTip = (at: Tip): Tip => {
    const checkpoint = {
      origin: originOf(stream),
      size: at.seq,
      root: rootOf(at.range),
      chain: at.chain,
      atMs: options.wallMs(),
    };
    write.checkpoint.run(at.seq, signCheckpoint(checkpoint, options.privateKey), at.range.peaks.join(' '));
    return { ...at, signedSeq: at.seq };
  };

  const applyOne = (from: Tip, change: FramedChange): { readonly tip: Tip; readonly answer: ChangeAnswer } => {
    let at = from;
    const hashes: string[] = [];
    for (const event of change.events) {
      const seq = at.seq + 1;
      const text = textOf(event, seq);
      const leaf = leafOf(text);
      const chain = chainOf(at.chain, leaf);
      write.event.run(seq, text, leaf, chain, event.kind, event.atMs, event.actionId, event.holdId, event.agent);
      hashes.push(leaf, chain);
      at = { ...at, seq, chain, range: extendRange(at.range, leaf) };
      if (at.seq - at.signedSeq >= checkpointEventsMax) at = signTip(at);
    }
    for (const row of change.rows) write.row(row);
    for (const body of change.bodies) {
      if (body.bytes === null) write.bodyDelete.run(body.id);
      else write.body.run(body.id, body.bytes);
    }
    return { tip: at, answer: { kind: 'sealed', firstSeq: from.seq + 1, hashes } };
  };

  const inTransaction = db.transaction((changes: readonly FramedChange[]) => {
    let at = tip;
    const answers: ChangeAnswer[] = [];
    for (const change of changes) {
      const done = applyOne(at, change);
      at = done.tip;
      answers.push(done.answer);
    }
    return { at, answers };
  });

  const commit = (changes: readonly FramedChange[]): readonly ChangeAnswer[] => {
    try {
      if (stale) tip = loadTip(db, stream, options.privateKey);
      stale = false;
      const { at, answers } = inTransaction.immediate(changes);
      tip = at;
      return answers;
    } catch (error) {
      stale = true;
      if (isOfTheChange(error) && changes.length > 1) return changes.flatMap((change) => commit([change]));
      const answer: ChangeAnswer = { kind: 'refused', fault: faultOf(error), unwritable: !isOfTheChange(error) };
      return changes.map(() => answer);
    }
  };

  return {
    commit,
    checkpoint() {
      if (stale) tip = loadTip(db, stream, options.privateKey);
      stale = false;
      if (tip.seq > tip.signedSeq) tip = db.transaction(() => signTip(tip)).immediate();
    },
    probe() {
      try {
        // Not an event: a full disk must not leave a trail of its own in the journal. It is large enough to need a page.
        db.transaction(() => write.meta.run('probe', 'x'.repeat(8192))).immediate();
        db.transaction(() => write.meta.run('probe', '')).immediate();
        return true;
      } catch {
        return false;
      }
    },
    unsigned: () => tip.seq - tip.signedSeq,
  };
}

function statementsOf(db: Database.Database) {
  const upsert = (table: 'system' | 'queue') =>
    db.prepare(
      `INSERT INTO ${table} (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
  const upserts = { system: upsert('system'), queue: upsert('queue') };
  const deletes = {
    hold: db.prepare('DELETE FROM hold WHERE key = ?'),
    system: db.prepare('DELETE FROM system WHERE key = ?'),
    queue: db.prepare('DELETE FROM queue WHERE key = ?'),
  };
  const hold = db.prepare(
    `INSERT INTO hold (key, value, retry_key, state, at_ms, open) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, retry_key = excluded.retry_key, state = excluded.state,
       at_ms = excluded.at_ms, open = excluded.open`,
  );
  const holdValue = db.prepare('UPDATE hold SET value = ? WHERE key = ?');
  return {
    event: db.prepare(
      'INSERT INTO event (seq, text, leaf, chain, kind, at_ms, action_id, hold_id, agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    checkpoint: db.prepare('INSERT INTO checkpoint (size, note, peaks) VALUES (?, ?, ?)'),
    meta: db.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    ),
    body: db.prepare(
      'INSERT INTO body (id, bytes) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes',
    ),
    bodyDelete: db.prepare('DELETE FROM body WHERE id = ?'),
    row({ table, key, value, index }: RowWrite): void {
      if (value === null) {
        deletes[tableOf(table) as RowWrite['table']].run(key);
      } else if (table !== 'hold') {
        upserts[table].run(key, value);
      } else if (index !== undefined) {
        hold.run(key, value, index.retryKey, index.state, index.atMs, index.open ? 1 : 0);
      } else if (holdValue.run(value, key).changes === 0) {
        throw new TypeError('a new hold row needs its index: without it no retry would find the hold');
      }
    },
  };
}

/** True if the change, not the store, is what cannot be: a caller's bug, or a value too large for SQLite. */
function isOfTheChange(error: unknown): boolean {
  if (error instanceof HoldpointError) return false;
  if (error instanceof TypeError || error instanceof RangeError) return true;
  return /^SQLITE_(TOOBIG|MISMATCH|CONSTRAINT(?!_PRIMARYKEY|_ROWID))/.test(codeOf(error));
}

function faultOf(error: unknown): FaultParts {
  if (error instanceof HoldpointError) return { ...error.reason, retry: error.retry };
  if (isOfTheChange(error)) {
    return {
      code: 'journal-change-refused',
      what: 'A change was not written to the journal.',
      why: `It cannot be stored as it is (${error instanceof Error ? error.message : 'no reason given'}).`,
      next: 'This is a defect in Holdpoint: report it with this text. Nothing of the change was kept.',
      retry: 'no',
    };
  }
  return {
    code: 'journal-unwritable',
    what: 'The journal could not be written.',
    why: `The store answered ${codeOf(error)}; without a record nothing but plain reads goes through.`,
    next: 'Make room on the disk or restore write access; the gateway tries again by itself.',
    retry: 'later',
  };
}
