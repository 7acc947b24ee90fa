// The instance's own key files: made once, mode 0600, refused if anyone else may read or write them.
// The CA's files are the TLS side's; the journal's signing key is made here because all of them share these checks.
// A key that others could read is worse than none: it would make every seal and fingerprint a pretence.

import { createHmac, createPrivateKey, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HoldpointError } from '../platform/fault.ts';
import type { Random } from '../platform/random.ts';

/** Secrets of one instance, in memory. Never put in an event, a row, a log or an answer. */
export interface InstanceKeys {
  /** Seals bodies of holds (sealer.ts). */
  readonly bodyKey: Buffer;
  /** Fingerprints of stray credentials (fingerprint.ts). */
  readonly fingerprintKey: Buffer;
  /** Keeps agents' tokens as HMACs (agent-tokens.ts). */
  readonly agentTokenKey: Buffer;
  /** Signs the journal's checkpoints. */
  readonly journalKey: KeyObject;
  /** Where the files lie; vault.ts keeps its age identity beside them. */
  readonly keysDir: string;
}

const masterFile = 'master.key';
const journalFile = 'journal.key';
const masterBytes = 32;
const fileBytesMax = 16_384;

/** Loads the instance's keys, making those that are not there. Throws `keys-exposed` or `keys-unreadable`. */
export function openKeys(keysDir: string, random: Random): InstanceKeys {
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  assertPrivateDir(keysDir);
  const master = loadOrMake(join(keysDir, masterFile), () => Buffer.from(random.bytes(masterBytes)));
  if (master.length !== masterBytes) throw unreadable(masterFile);
  const journal = loadOrMake(join(keysDir, journalFile), () =>
    Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  return {
    bodyKey: derive(master, 'holdpoint body v1'),
    fingerprintKey: derive(master, 'holdpoint fingerprint v1'),
    agentTokenKey: derive(master, 'holdpoint agent token v1'),
    journalKey: readPrivateKey(journal),
    keysDir,
  };
}

/** One master key, one purpose per derived key (RFC 5869), so that a leak of one use does not open another. */
function derive(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, 32));
}

function readPrivateKey(pem: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch (cause) {
    throw unreadable(journalFile, cause);
  }
}

/** Reads a private file, or makes it whole: created exclusively, synced, then read back. */
export function loadOrMake(file: string, make: () => Buffer): Buffer {
  const present = readPrivateFile(file);
  if (present !== null) return present;
  writeNewPrivateFile(file, make());
  const made = readPrivateFile(file);
  if (made === null) throw unreadable(file);
  return made;
}

/** Bytes of a private file; null if there is none. Opens once and judges what it opened, so that nothing is swapped in between. */
export function readPrivateFile(file: string): Buffer | null {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, cause);
  }
  try {
    assertPrivate(file, fstatSync(handle, { bigint: true }));
    const buffer = Buffer.alloc(fileBytesMax);
    const count = readSync(handle, buffer, 0, fileBytesMax, 0);
    return Buffer.from(buffer.subarray(0, count));
  } finally {
    closeSync(handle);
  }
}

function writeNewPrivateFile(file: string, bytes: Buffer): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = openSync(file, flags, 0o600);
  try {
    writeSync(handle, bytes);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  const directory = openSync(dirname(file), constants.O_RDONLY);
  fsyncSync(directory);
  closeSync(directory);
}

function assertPrivateDir(dir: string): void {
  const stats = lstatSync(dir, { bigint: true });
  if (!stats.isDirectory()) throw unreadable(dir);
  assertPrivate(dir, stats);
}

/** Refuses what others may read or write, and what belongs to somebody else. */
function assertPrivate(file: string, stats: BigIntStats): void {
  const own = process.getuid === undefined || stats.uid === BigInt(process.getuid());
  if (own && (stats.mode & 0o077n) === 0n) return;
  throw new HoldpointError('keys-exposed', {
    what: `${file} may be read or written by others, so it is not used.`,
    why: own ? `Its mode is ${(stats.mode & 0o777n).toString(8)}.` : 'It belongs to another user.',
    next: 'If nobody else has used it, run chmod 600 on files and 700 on the folder; otherwise make new keys with `holdpoint init`.',
  });
}

function unreadable(file: string, cause?: unknown): HoldpointError {
  return new HoldpointError('keys-unreadable', {
    what: `The key file ${file} cannot be used.`,
    why: 'It is missing, damaged, or not a plain file.',
    next: 'Restore the keys folder from your own copy. Without these keys, held requests and stored credentials stay sealed.',
    cause,
  });
}

/** HMAC-SHA256, hex. */
export function hmacHex(key: Uint8Array, text: string | Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
