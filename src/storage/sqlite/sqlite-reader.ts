// A store file opened for reading only: for `journal` and `log`, beside a running gateway or without one.
// It is no Storage: it runs on the caller's thread, takes no lock, and also hands out the raw rows that verification
// needs. It never writes, not even to repair.

import type Database from 'better-sqlite3';
import type { SealedEvent } from '../../record/event.ts';
import type { Marks, StoredEvent, StoredNote } from '../../record/verify.ts';
import type { EventQuery, JournalHead, RowTable } from '../storage.ts';
import { sealedFromText } from './event-text.ts';
import type { EventText } from './message.ts';
import { asStoreFault, openStoreForReading } from './opening.ts';
import { headOf, readingOf } from './reading.ts';

export interface SqliteReader {
  readonly stream: string;
  /** C2SP verifier key as the store names it: a name, not a proof. */
  readonly verifierKey: string;
  head(): JournalHead;
  events(query: EventQuery): readonly SealedEvent[];
  row(table: RowTable, key: string): string | null;
  /** Everything, in order, for verification and export; one at a time, not in memory. */
  stored(): Iterable<StoredEvent>;
  checkpoints(): readonly StoredNote[];
  /** Runs several reads on one state of the journal, while the gateway goes on writing. */
  snapshot<T>(run: () => T): T;
  close(): void;
}

interface EventRow extends Omit<StoredEvent, 'marks'>, Marks {}

/** Throws HoldpointError: store-missing, store-not-a-store, store-version, store-corrupt, store-unreadable. */
export function openSqliteReader(file: string): SqliteReader {
  const db = openStoreForReading(file);
  try {
    const meta = db.prepare('SELECT value FROM meta WHERE key = ?').pluck();
    const stream = String(meta.get('stream') ?? '');
    return readerOver(db, file, stream, String(meta.get('verifierKey') ?? ''));
  } catch (error) {
    db.close();
    throw asStoreFault(error, file);
  }
}

function readerOver(db: Database.Database, file: string, stream: string, verifierKey: string): SqliteReader {
  const reading = readingOf(db, stream);
  const guarded = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw asStoreFault(error, file);
    }
  };
  return {
    stream,
    verifierKey,
    head: () => guarded(() => headOf(db, stream)),
    events: (query) =>
      guarded(() => (reading.answer({ kind: 'events', query }) as readonly EventText[]).map(sealedFromText)),
    row: (table, key) => guarded(() => reading.answer({ kind: 'row', table, key }) as string | null),
    *stored() {
      const sql =
        'SELECT seq, text, leaf, chain, kind, at_ms AS atMs, action_id AS actionId, hold_id AS holdId, agent FROM event ORDER BY seq';
      for (const row of guarded(() => db.prepare<unknown[], EventRow>(sql).iterate())) {
        const { seq, text, leaf, chain, ...marks } = row;
        yield { seq, text, leaf, chain, marks };
      }
    },
    checkpoints: () =>
      guarded(() => db.prepare<unknown[], StoredNote>('SELECT size, note FROM checkpoint ORDER BY size').all()),
    snapshot: (run) => guarded(() => db.transaction(run)()),
    close: () => db.close(),
  };
}
