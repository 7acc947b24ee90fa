// The journal's tip: where the next event is chained. Read from the file when a store opens or a transaction failed.
// Everything after the newest checkpoint is hashed again, so that a tail edited while the gateway was down is refused
// instead of built upon. The whole journal is `journal verify`'s task, not the start's.

import { createPublicKey, type KeyObject } from 'node:crypto';
import type Database from 'better-sqlite3';
import { HoldpointError } from '../../platform/fault.ts';
import { checkpointEventsMax, openCheckpoint, originOf } from '../../record/checkpoint.ts';
import { emptyRange, extendRange, type Range, rootOf } from '../../record/merkle.ts';
import { chainOf, genesis, leafOf } from '../../record/seal.ts';

export interface Tip {
  readonly seq: number;
  readonly chain: string;
  readonly range: Range;
  /** Size of the newest checkpoint. */
  readonly signedSeq: number;
}

interface EventRow {
  readonly seq: number;
  readonly text: string;
  readonly leaf: string;
  readonly chain: string;
}

/** Throws `journal-broken` if the newest checkpoint or what follows it does not hold. */
export function loadTip(db: Database.Database, stream: string, privateKey: KeyObject): Tip {
  let tip = signedTip(db, stream, privateKey);
  const rows = db
    .prepare<unknown[], EventRow>('SELECT seq, text, leaf, chain FROM event WHERE seq > ? ORDER BY seq')
    .iterate(tip.seq);
  for (const row of rows) {
    const seq = tip.seq + 1;
    const leaf = leafOf(row.text);
    const chain = chainOf(tip.chain, leaf);
    if (row.seq !== seq) throw broken(seq, 'the event is missing');
    if (leaf !== row.leaf || chain !== row.chain) throw broken(seq, 'its text is not what was sealed');
    if (seq - tip.signedSeq > checkpointEventsMax) throw broken(seq, 'checkpoints are missing before it');
    tip = { ...tip, seq, chain, range: extendRange(tip.range, leaf) };
  }
  return tip;
}

function signedTip(db: Database.Database, stream: string, privateKey: KeyObject): Tip {
  const row = db
    .prepare<unknown[], { size: number; note: string; peaks: string }>(
      'SELECT size, note, peaks FROM checkpoint ORDER BY size DESC LIMIT 1',
    )
    .get();
  if (row === undefined) return { seq: 0, chain: genesis, range: emptyRange, signedSeq: 0 };
  const opened = openCheckpoint(row.note, createPublicKey(privateKey));
  if (opened.kind === 'refused') throw broken(row.size, `the checkpoint there does not hold: ${opened.why}`);
  const { checkpoint } = opened;
  const range = { size: row.size, peaks: row.peaks.split(' ') };
  if (checkpoint.size !== row.size || checkpoint.origin !== originOf(stream) || rootOf(range) !== checkpoint.root) {
    throw broken(row.size, 'the checkpoint there belongs to other events');
  }
  const chain = db.prepare('SELECT chain FROM event WHERE seq = ?').pluck().get(row.size);
  if (chain !== checkpoint.chain) throw broken(row.size, 'the event there is missing or not the one that was signed');
  return { seq: row.size, chain: checkpoint.chain, range, signedSeq: row.size };
}

function broken(seq: number, why: string): HoldpointError {
  return new HoldpointError('journal-broken', {
    what: `The journal does not hold at event ${seq}.`,
    why: `It was changed by something other than the gateway: ${why}.`,
    next: 'Run `holdpoint journal verify` for the first break, keep the file, and restore the store from its backup.',
    retry: 'no',
  });
}
