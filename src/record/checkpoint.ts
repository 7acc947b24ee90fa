// Checkpoints: the journal's size and Merkle root, signed, as a C2SP signed note that other tools can read and keep.
// A checkpoint stands beside the journal and is no event: an event could not sign the tree that contains it. What it
// proves is bounded by where it is kept; on this machine alone it shows edits, not a cut tail together with its notes.

import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

/** The writer signs at the latest when this many events are unsigned; a larger gap in a journal is a removed note. */
export const checkpointEventsMax = 1024;

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** Merkle root over the first `size` leaves, hex. */
  readonly root: string;
  /** Chain hash of event `size`, hex. */
  readonly chain: string;
  readonly atMs: number;
}

/** Origin and key name of a stream's notes. */
export function originOf(stream: string): string {
  return `holdpoint/journal/${stream}`;
}

/** Raw 32 bytes of an ed25519 public key, from either half. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  const { x, crv } = half.export({ format: 'jwk' });
  if (crv !== 'Ed25519' || x === undefined) throw new TypeError('a checkpoint is signed with an ed25519 key');
  return Buffer.from(x, 'base64url');
}

/** KeyObject for 32 raw bytes. */
export function publicKeyFrom(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** C2SP signed-note key id: first 4 bytes of SHA-256(name || LF || 0x01 || public key). */
function keyIdOf(name: string, publicKey: Uint8Array): Buffer {
  const text = Buffer.concat([Buffer.from(`${name}\n\x01`), publicKey]);
  return hash('sha256', text, 'buffer').subarray(0, 4);
}

/** C2SP verifier key, `name+id+base64(0x01 || key)`: the one line by which others check our notes. */
export function verifierKeyOf(name: string, publicKey: Uint8Array): string {
  const body = Buffer.concat([Buffer.from([1]), publicKey]).toString('base64');
  return `${name}+${keyIdOf(name, publicKey).toString('hex')}+${body}`;
}

/** Name and public key of a verifier key line; null if it is none or its id does not match. */
export function parseVerifierKey(text: string): { readonly name: string; readonly publicKey: Uint8Array } | null {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text.trim());
  const [, name, id, body] = match ?? [];
  if (name === undefined || id === undefined || body === undefined) return null;
  const bytes = Buffer.from(body, 'base64');
  const publicKey = bytes.subarray(1);
  if (bytes[0] !== 1 || publicKey.length !== 32 || keyIdOf(name, publicKey).toString('hex') !== id) return null;
  return { name, publicKey };
}

function noteText(checkpoint: Checkpoint): string {
  const root = Buffer.from(checkpoint.root, 'hex').toString('base64');
  return `${checkpoint.origin}\n${checkpoint.size}\n${root}\nchain ${checkpoint.chain}\ntime ${checkpoint.atMs}\n`;
}

/** The signed note. ed25519 is deterministic, so the same checkpoint gives the same note. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  const text = noteText(checkpoint);
  const signature = sign(null, Buffer.from(text), privateKey);
  const id = keyIdOf(checkpoint.origin, rawPublicKey(privateKey));
  return `${text}\n— ${checkpoint.origin} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

export type OpenedNote =
  | { readonly kind: 'signed'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'refused'; readonly why: string };

/** Reads a note and checks that this key signed it. Signature lines of others (witnesses) are passed over. */
export function openCheckpoint(note: string, publicKey: KeyObject): OpenedNote {
  const split = note.lastIndexOf('\n\n');
  if (split < 0) return { kind: 'refused', why: 'it has no signature block' };
  const text = note.slice(0, split + 1);
  const checkpoint = parseNoteText(text);
  if (checkpoint === null) return { kind: 'refused', why: 'its text is not a checkpoint' };
  const id = keyIdOf(checkpoint.origin, rawPublicKey(publicKey));
  for (const line of note.slice(split + 2).split('\n')) {
    const [dash, name, encoded, ...rest] = line.split(' ');
    if (dash !== '—' || name !== checkpoint.origin || encoded === undefined || rest.length > 0) continue;
    const bytes = Buffer.from(encoded, 'base64');
    if (bytes.length !== 68 || !bytes.subarray(0, 4).equals(id)) continue;
    if (verify(null, Buffer.from(text), publicKey, bytes.subarray(4))) return { kind: 'signed', checkpoint };
    return { kind: 'refused', why: 'its signature does not match its text' };
  }
  return { kind: 'refused', why: 'this journal key did not sign it' };
}

function parseNoteText(text: string): Checkpoint | null {
  const [origin, size, root, chain, time, end, ...rest] = text.split('\n');
  if (origin === undefined || size === undefined || root === undefined || end !== '' || rest.length > 0) return null;
  if (origin === '' || !/^(0|[1-9][0-9]{0,15})$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root)) return null;
  const chainMatch = /^chain ([0-9a-f]{64})$/.exec(chain ?? '');
  const timeMatch = /^time ([0-9]{1,16})$/.exec(time ?? '');
  if (chainMatch?.[1] === undefined || timeMatch?.[1] === undefined) return null;
  return {
    origin,
    size: Number(size),
    root: Buffer.from(root, 'base64').toString('hex'),
    chain: chainMatch[1],
    atMs: Number(timeMatch[1]),
  };
}
