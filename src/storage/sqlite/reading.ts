// The reads of the storage port as SQL, for the worker and for the reader without a daemon. Reads see what is committed
// and nothing else. The statements bind every value; a query's shape depends on which members are present only.

import type Database from 'better-sqlite3';
import { genesis } from '../../record/seal.ts';
import type { EventQuery, JournalHead, Row, RowTable } from '../storage.ts';
import type { EventText, HoldQuery, Read, ReadAnswers } from './message.ts';

export interface Reading {
  answer(read: Read): ReadAnswers[keyof ReadAnswers];
}

/** Answers reads on one connection. */
export function readingOf(db: Database.Database, stream: string): Reading {
  const statements = new Map<string, Database.Statement<unknown[], unknown>>();
  const prepared = (sql: string) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare<unknown[], unknown>(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    answer(read) {
      switch (read.kind) {
        case 'row':
          return text(
            prepared(`SELECT value FROM ${tableOf(read.table)} WHERE key = ?`)
              .pluck()
              .get(read.key),
          );
        case 'rows':
          return prepared(`SELECT key, value FROM ${tableOf(read.table)} ORDER BY key`).all() as readonly Row[];
        case 'newestHold': {
          const sql = 'SELECT value FROM hold WHERE retry_key = ? ORDER BY at_ms DESC, id DESC LIMIT 1';
          return text(prepared(sql).pluck().get(read.retryKey));
        }
        case 'holds': {
          const { sql, values } = holdsSql(read.query);
          return prepared(sql)
            .pluck()
            .all(...values) as readonly string[];
        }
        case 'openHoldCount':
          return Number(prepared('SELECT count(*) FROM hold WHERE open = 1').pluck().get());
        case 'body': {
          const bytes = prepared('SELECT bytes FROM body WHERE id = ?').pluck().get(read.id);
          return bytes instanceof Uint8Array ? bytes : null;
        }
        case 'events': {
          const { sql, values } = eventsSql(read.query);
          const found = prepared(sql).all(...values) as readonly EventText[];
          return read.query.from === 'newest' ? found.toReversed() : found;
        }
        case 'head':
          return headOf(db, stream);
      }
    },
  };
}

/** Newest event's seq and chain; seq 0 and genesis for an empty journal. */
export function headOf(db: Database.Database, stream: string): JournalHead {
  const sql = 'SELECT seq, chain FROM event ORDER BY seq DESC LIMIT 1';
  const last = db.prepare<unknown[], { seq: number; chain: string }>(sql).get();
  return { stream, seq: last?.seq ?? 0, chain: last?.chain ?? genesis };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

const tables: Readonly<Record<RowTable, string>> = { hold: 'hold', system: 'system', queue: 'queue' };

/** Names of tables come from this closed list, because SQL cannot bind them. */
export function tableOf(table: RowTable): string {
  const name = tables[table];
  if (name === undefined) throw new TypeError('no such table of rows');
  return name;
}

interface Sql {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

function holdsSql(query: HoldQuery): Sql {
  const where: string[] = [];
  const values: (string | number)[] = [];
  // Written as a constant so that the partial index on open holds is used.
  if (query.open !== undefined) where.push(query.open ? 'open = 1' : 'open = 0');
  if (query.states !== undefined) {
    where.push(`state IN (${query.states.map(() => '?').join(', ')})`);
    values.push(...query.states);
  }
  if (query.beforeMs !== undefined) {
    where.push('at_ms < ?');
    values.push(query.beforeMs);
  }
  if (query.keyPrefix !== undefined) {
    // A range, not LIKE: the key's index answers it, and nothing in a prefix is a wildcard.
    where.push('key >= ? AND key < ?');
    values.push(query.keyPrefix, `${query.keyPrefix}\u{10ffff}`);
  }
  const filter = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
  return {
    sql: `SELECT value FROM hold ${filter} ORDER BY at_ms DESC, id DESC LIMIT ?`,
    values: [...values, limitOf(query.limit)],
  };
}

export function eventsSql(query: EventQuery): Sql {
  const where: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    where.push(condition);
    values.push(value);
  };
  add('seq > ?', query.afterSeq);
  add('seq < ?', query.beforeSeq);
  add('at_ms >= ?', query.sinceMs);
  add('hold_id = ?', query.holdId);
  add('action_id = ?', query.actionId);
  add('agent = ?', query.agent);
  if (query.kinds !== undefined) {
    where.push(`kind IN (${query.kinds.map(() => '?').join(', ')})`);
    values.push(...query.kinds);
  }
  const filter = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
  const order = query.from === 'newest' ? 'DESC' : 'ASC';
  return {
    sql: `SELECT text, leaf, chain FROM event ${filter} ORDER BY seq ${order} LIMIT ?`,
    values: [...values, limitOf(query.limit)],
  };
}

/** SQLite takes a negative limit for "all"; a caller's slip must not become one. */
function limitOf(limit: number): number {
  return Number.isSafeInteger(limit) && limit > 0 ? limit : 0;
}
