// Opening a store file: private, ours, whole, and nobody else's. Every refusal names the file and what to do.
// The lock is a second, empty SQLite file held in an exclusive transaction: the kernel drops it with the process, also
// after kill -9, and readers (`journal verify` beside a running gateway) never meet it.

import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { HoldpointError } from '../../platform/fault.ts';
import { applicationId, schema, schemaVersion } from './schema.ts';

/** Above this size a full page check would delay the start; damage then shows at the first touch of the page. */
const quickCheckBytesMax = 64 * 1024 * 1024;
/** WAL pages before they are moved into the file: 64 MiB. A smaller log would put that move's syncs between commits. */
const walPages = 16_384;

export interface OpenedStore {
  readonly db: Database.Database;
  close(): void;
}

/** Whose journal it is, fixed at its birth. */
export interface Identity {
  readonly stream: string;
  readonly verifierKey: string;
}

/** Opens for writing, creating file and schema where there is none. Throws HoldpointError. */
export function openStoreFile(file: string, identity: Identity): OpenedStore {
  makePrivate(file);
  const lock = takeLock(`${file}.lock`, file);
  try {
    const db = new Database(file, { timeout: 2000 });
    const close = () => {
      db.close();
      lock.close();
    };
    try {
      if (isEmpty(db)) {
        makeDurable(db, file);
        create(db, identity);
      } else {
        // Before the first pragma that writes: a file that is refused stays as it was.
        checkFormat(db, file);
        makeDurable(db, file);
        checkPages(db, file);
        checkIdentity(db, file, identity);
      }
      return { db, close };
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    lock.close();
    throw asStoreFault(error, file);
  }
}

/** Schema and identity in one transaction: no crash leaves a journal that belongs to nobody. */
function create(db: Database.Database, identity: Identity): void {
  db.transaction(() => {
    db.exec(schema);
    const insert = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
    for (const [key, value] of Object.entries(identity)) insert.run(key, value);
  }).immediate();
}

/** Opens for reading only, beside a running gateway or without one. Throws HoldpointError. */
export function openStoreForReading(file: string): Database.Database {
  if (mayRead(file) === 'missing') {
    throw new HoldpointError('store-missing', {
      what: `There is no journal at ${file}.`,
      why: 'The file does not exist.',
      next: 'Name the right home with --home or HOLDPOINT_HOME.',
    });
  }
  try {
    const db = new Database(file, { readonly: true, timeout: 5000 });
    try {
      db.pragma('query_only = true');
      checkFormat(db, file);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw asStoreFault(error, file);
  }
}

/** Throws for a file that this user may not read: SQLite would only say that it could not open it. */
function mayRead(file: string): 'readable' | 'missing' {
  try {
    accessSync(file, constants.R_OK);
    return 'readable';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing';
    throw asStoreFault(error, file);
  }
}

function makeDurable(db: Database.Database, file: string): void {
  // Some network file systems cannot; SQLite then answers with the mode that it kept.
  if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
    throw new HoldpointError('store-unreadable', {
      what: `The journal ${file} cannot be kept here.`,
      why: 'This file system does not support a write-ahead log, and without it readers would block the gateway.',
      next: 'Move the home to a local disk.',
    });
  }
  // FULL: the WAL is synced at every commit; NORMAL would lose the last ones with the power.
  db.pragma('synchronous = FULL');
  // On macOS fsync stops at the drive's cache unless this is asked for; elsewhere it does nothing.
  db.pragma('fullfsync = ON');
  db.pragma('checkpoint_fullfsync = ON');
  db.pragma(`wal_autocheckpoint = ${walPages}`);
  db.pragma('journal_size_limit = 67108864');
  // 8 MB: recent events and rows. Older ones are the file system's cache's business, which others may have back.
  db.pragma('cache_size = -8192');
  db.pragma('trusted_schema = false');
}

function statOf(file: string): Stats | null {
  return lstatSync(file, { throwIfNoEntry: false }) ?? null;
}

/** Folder and files for their owner alone: what is ours is tightened, what is not is refused. */
function makePrivate(file: string): void {
  const folder = dirname(file);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    refuseOpenFolder(folder, statSync(folder));
    if (statOf(file) === null) closeSync(openSync(file, 'ax', 0o600));
    for (const path of [file, `${file}-wal`, `${file}-shm`, `${file}.lock`]) tighten(path);
  } catch (error) {
    throw asStoreFault(error, file);
  }
}

function refuseOpenFolder(folder: string, stats: Stats): void {
  if ((stats.mode & 0o022) === 0) return;
  throw new HoldpointError('store-not-private', {
    what: `The journal's folder ${folder} is not private.`,
    why: 'Other users may create and replace files in it, and so replace the journal.',
    next: `Take the right away with: chmod go-w ${folder}`,
  });
}

function tighten(path: string): void {
  const stats = statOf(path);
  if (stats === null) return;
  const own = process.getuid?.() ?? stats.uid;
  if (!stats.isFile() || stats.uid !== own || stats.nlink > 1) {
    throw new HoldpointError('store-not-private', {
      what: `${path} cannot be used for the journal.`,
      why: 'It is a link or no plain file, or it belongs to another user: what is written there is not ours alone.',
      next: 'Move it away and start again, or give the file back to the user that runs the gateway.',
    });
  }
  if ((stats.mode & 0o077) !== 0) chmodSync(path, 0o600);
}

function takeLock(lockFile: string, file: string): Database.Database {
  if (statOf(lockFile) === null) closeSync(openSync(lockFile, 'a', 0o600));
  const lock = new Database(lockFile, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    throw new HoldpointError('store-in-use', {
      what: `The journal ${file} is in use.`,
      why: 'Another gateway has it open; two writers would fork the chain.',
      next: 'Stop the other instance first, or use another home.',
      cause,
    });
  }
}

function isEmpty(db: Database.Database): boolean {
  const count = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  return count === 0 && db.pragma('application_id', { simple: true }) === 0;
}

/** Throws for a file of another make or format. Reading it is what finds a file that is no database at all. */
function checkFormat(db: Database.Database, file: string): void {
  if (db.pragma('application_id', { simple: true }) !== applicationId) throw notAStore(file);
  const version = db.pragma('user_version', { simple: true });
  if (version === schemaVersion) return;
  throw new HoldpointError('store-version', {
    what: `The journal ${file} has format ${version}.`,
    why: `This version of Holdpoint reads and writes format ${schemaVersion} only.`,
    next: 'Run the version of Holdpoint that wrote it.',
  });
}

function checkIdentity(db: Database.Database, file: string, identity: Identity): void {
  const read = db.prepare('SELECT value FROM meta WHERE key = ?').pluck();
  if (Object.entries(identity).every(([key, value]) => read.get(key) === value)) return;
  throw new HoldpointError('store-other-key', {
    what: `The journal ${file} belongs to another instance.`,
    why: 'Its stream or its signing key is not the one of this home: one of the two was replaced.',
    next: 'Restore the key that belongs to this journal, or move the journal away to begin a new one.',
    retry: 'no',
  });
}

function notAStore(file: string, cause?: unknown): HoldpointError {
  return new HoldpointError('store-not-a-store', {
    what: `${file} is not a Holdpoint journal.`,
    why: 'It is some other file, and it was not touched.',
    next: 'Check the path of the home, or move that file away.',
    cause,
  });
}

function checkPages(db: Database.Database, file: string): void {
  const pages = Number(db.pragma('page_count', { simple: true }));
  const size = Number(db.pragma('page_size', { simple: true }));
  if (pages * size > quickCheckBytesMax) return;
  if (db.pragma('quick_check(1)', { simple: true }) !== 'ok') throw corrupt(file, undefined);
}

function corrupt(file: string, cause: unknown): HoldpointError {
  return new HoldpointError('store-corrupt', {
    what: `The journal ${file} is damaged.`,
    why: 'Its pages contradict each other; what it says cannot be trusted, so nothing is built on it.',
    next: 'Keep a copy of the file for inspection, restore the store from its backup, and start again.',
    cause,
  });
}

/** A fault as it is; SQLite's and the system's errors as one that names the file. */
export function asStoreFault(error: unknown, file: string): HoldpointError {
  if (error instanceof HoldpointError) return error;
  const code = codeOf(error);
  if (code === 'SQLITE_NOTADB') return notAStore(file, error);
  if (code.startsWith('SQLITE_CORRUPT')) return corrupt(file, error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new HoldpointError('store-not-permitted', {
      what: `The journal ${file} is not this user's.`,
      why: `The system refused it (${code}): the home belongs to the user that runs the gateway.`,
      next: 'Run the command as that user.',
      retry: 'no',
      cause: error,
    });
  }
  return new HoldpointError('store-unreadable', {
    what: `The journal ${file} could not be opened.`,
    why: `The system answered ${code}.`,
    next: 'Check that the disk is there and not full, and that this user may read and write the folder.',
    cause: error,
  });
}

/** The stable word of an error from SQLite or the system. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'no code';
}
