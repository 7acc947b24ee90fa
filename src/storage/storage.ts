// The Storage port: one append-only journal, rows that project it, and sealed bodies. SQLite and PostgreSQL implement
// it; contract.ts is the one test suite for both. A commit is atomic and its promise resolves when it is durable.

import type { EventDraft, SealedEvent } from '../record/event.ts';

/** A row of a projection. `value` null deletes. Values are JSON text, written in the same transaction as the events. */
export interface RowWrite {
  readonly table: RowTable;
  readonly key: string;
  readonly value: string | null;
  /** For `hold`: found by retry key, state and time. Ignored by other tables. */
  readonly index?: { readonly retryKey: string; readonly state: string; readonly atMs: number; readonly open: boolean };
}

/** hold: projections of holds. system: policy, people, agents, keys' public parts. queue: work to be retried. */
export type RowTable = 'hold' | 'system' | 'queue';

/** Encrypted bytes beside the journal (request and result of a hold). null deletes. */
export interface BodyWrite {
  readonly id: string;
  readonly bytes: Uint8Array | null;
}

export interface Change {
  readonly events: readonly EventDraft[];
  readonly rows?: readonly RowWrite[];
  readonly bodies?: readonly BodyWrite[];
}

export interface Row {
  readonly key: string;
  readonly value: string;
}

export interface EventQuery {
  /** Exclusive lower bound of seq. */
  readonly afterSeq?: number;
  readonly beforeSeq?: number;
  readonly sinceMs?: number;
  readonly holdId?: string;
  readonly actionId?: string;
  readonly agent?: string;
  readonly kinds?: readonly string[];
  /** newest: the last `limit` ones (still returned in ascending order). */
  readonly from?: 'oldest' | 'newest';
  readonly limit: number;
}

export interface JournalHead {
  readonly stream: string;
  readonly seq: number;
  readonly chain: string;
}

export interface Storage {
  /** Seals and writes all or nothing; resolves when durable (group commit). Rejects with `journal-unwritable`. */
  commit(change: Change): Promise<readonly SealedEvent[]>;
  /** False after a failed commit until one succeeds again; invariant 4 reads it without waiting. */
  readonly writable: boolean;
  row(table: RowTable, key: string): Promise<string | null>;
  rows(table: RowTable): Promise<readonly Row[]>;
  /** Newest hold with this retry key, its projection as JSON text; null if none. */
  newestHold(retryKey: string): Promise<string | null>;
  /** Newest first. */
  holds(query: {
    readonly open?: boolean;
    readonly states?: readonly string[];
    readonly limit: number;
    readonly beforeMs?: number;
    /** Holds whose key begins so. */
    readonly keyPrefix?: string;
  }): Promise<readonly string[]>;
  /** How many are open, without reading them. */
  openHoldCount(): Promise<number>;
  body(id: string): Promise<Uint8Array | null>;
  events(query: EventQuery): Promise<readonly SealedEvent[]>;
  head(): Promise<JournalHead>;
  /** Waits for what was submitted, then closes. */
  close(): Promise<void>;
}
