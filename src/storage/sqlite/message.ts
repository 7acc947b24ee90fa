// What crosses between the gateway's thread and the store's worker. Plain values only: a class or a function does not
// survive the crossing. Texts are made on the sending side, seq and hashes on the receiving one.

import type { KeyObject } from 'node:crypto';
import type { Retry } from '../../platform/fault.ts';
import type { Reason } from '../../platform/reason.ts';
import type { Frame } from '../../record/seal.ts';
import type { BodyWrite, EventQuery, JournalHead, Row, RowTable, RowWrite } from '../storage.ts';

export interface WorkerOptions {
  readonly file: string;
  readonly stream: string;
  readonly privateKey: KeyObject;
  /** Tests only: the file may not grow beyond this many pages. null: no bound. */
  readonly pagesMax: number | null;
}

/** An event as it is stored: the frame waits for its seq; the rest are the columns that are searched. */
export interface FramedEvent extends Frame {
  readonly kind: string;
  readonly atMs: number;
  readonly actionId: string | null;
  readonly holdId: string | null;
  readonly agent: string | null;
}

export interface FramedChange {
  readonly events: readonly FramedEvent[];
  readonly rows: readonly RowWrite[];
  readonly bodies: readonly BodyWrite[];
}

export interface EventText {
  readonly text: string;
  readonly leaf: string;
  readonly chain: string;
}

export interface HoldQuery {
  readonly open?: boolean;
  readonly states?: readonly string[];
  readonly limit: number;
  readonly beforeMs?: number;
  readonly keyPrefix?: string;
}

/** The reads of the port; each answers with the value of the same name in ReadAnswers. */
export type Read =
  | { readonly kind: 'row'; readonly table: RowTable; readonly key: string }
  | { readonly kind: 'rows'; readonly table: RowTable }
  | { readonly kind: 'newestHold'; readonly retryKey: string }
  | { readonly kind: 'holds'; readonly query: HoldQuery }
  | { readonly kind: 'openHoldCount' }
  | { readonly kind: 'body'; readonly id: string }
  | { readonly kind: 'events'; readonly query: EventQuery }
  | { readonly kind: 'head' };

export interface ReadAnswers {
  readonly row: string | null;
  readonly rows: readonly Row[];
  readonly newestHold: string | null;
  readonly holds: readonly string[];
  readonly openHoldCount: number;
  readonly body: Uint8Array | null;
  readonly events: readonly EventText[];
  readonly head: JournalHead;
}

export type ToWorker =
  | { readonly kind: 'commit'; readonly batch: PackedBatch }
  | { readonly kind: 'read'; readonly id: number; readonly read: Read }
  | { readonly kind: 'probe' }
  | { readonly kind: 'close' };

/** A HoldpointError in transit. */
export interface FaultParts extends Reason {
  readonly retry: Retry;
}

/** What became of one change: first seq and, for each event, leaf and chain one after the other. */
export type ChangeAnswer =
  | { readonly kind: 'sealed'; readonly firstSeq: number; readonly hashes: readonly string[] }
  | { readonly kind: 'refused'; readonly fault: FaultParts; readonly unwritable: boolean };

export type Field = string | number | null;

export interface PackedBatch {
  /** Number of events of each change. */
  readonly counts: readonly number[];
  /** Seven fields for each event, of all changes one after the other. */
  readonly fields: readonly Field[];
  /** Rows and bodies with the place of their change; most changes have none. */
  readonly rows: readonly (readonly [change: number, row: RowWrite])[];
  readonly bodies: readonly (readonly [change: number, body: BodyWrite])[];
}

export type PackedAnswers =
  /** Every change was sealed: the first seq, and leaf and chain of each event, 64 digits each. */
  | { readonly kind: 'all-sealed'; readonly firstSeq: number; readonly hashes: string }
  | { readonly kind: 'each'; readonly answers: readonly ChangeAnswer[] };

export type FromWorker =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly fault: FaultParts }
  | { readonly kind: 'committed'; readonly answers: PackedAnswers }
  | { readonly kind: 'read'; readonly id: number; readonly answer: ReadAnswers[keyof ReadAnswers] }
  | { readonly kind: 'read-failed'; readonly id: number; readonly fault: FaultParts }
  | { readonly kind: 'probed'; readonly writable: boolean }
  | { readonly kind: 'closed' };
