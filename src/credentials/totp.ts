// Time-based one-time passwords (RFC 6238: SHA-1, 30 s, six digits), the second thing that an approval at a terminal
// needs. One step of clock drift either way; a code is good once, so one that was watched over a shoulder is spent.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '../platform/random.ts';

const stepMs = 30_000;
const digits = 6;
/** RFC 4226 section 4 R6 asks for at least 128 bits and recommends 160. */
const secretBytes = 20;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new secret in base 32 without padding, as authenticator apps take it. */
export function newTotpSecret(random: Random): string {
  return toBase32(random.bytes(secretBytes));
}

/** The code for one counter (RFC 4226 section 5.3). */
export function hotp(secret: Uint8Array, counter: number): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(moving).digest();
  const offset = (mac[mac.length - 1] ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

export type TotpAnswer =
  /** `counter` must be kept: only later ones are good from now on. */
  | { readonly kind: 'good'; readonly counter: number }
  | { readonly kind: 'bad' }
  /** Right, but used before or older than the last one used. */
  | { readonly kind: 'replayed' };

/** Judges a code. `lastCounter` is that of the last good code; -1: none yet. Compares every step, equal or not. */
export function judgeTotp(secret: string, code: string, lastCounter: number, nowMs: number): TotpAnswer {
  const bytes = fromBase32(secret);
  if (bytes === null || !/^\d{6}$/.test(code)) return { kind: 'bad' };
  const now = Math.floor(nowMs / stepMs);
  const given = Buffer.from(code);
  const matching = [now - 1, now, now + 1].filter(
    (counter) => counter >= 0 && timingSafeEqual(Buffer.from(hotp(bytes, counter)), given),
  );
  // The latest: if two steps share a code, the earlier one must not leave the later one open for a replay.
  const usable = matching.findLast((counter) => counter > lastCounter);
  if (usable !== undefined) return { kind: 'good', counter: usable };
  return { kind: matching.length > 0 ? 'replayed' : 'bad' };
}

/** `otpauth://totp/…` for the authenticator's QR code. Holds the secret: shown once, never logged. */
export function totpUri(secret: string, human: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(human)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${digits}&period=30`;
}

function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)] ?? '').join('');
}

/** null if it is not base 32. Spaces, padding and case do not matter, as people type it. */
function fromBase32(text: string): Uint8Array | null {
  const clean = text.replace(/[\s=]/g, '').toUpperCase();
  if (clean === '' || [...clean].some((char) => !alphabet.includes(char))) return null;
  const bits = [...clean].map((char) => alphabet.indexOf(char).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
}

/** The code of this moment, for whoever holds the secret anyway (the lab prints it for its own human). */
export function totpNow(secret: string, nowMs: number): string {
  const key = fromBase32(secret);
  return key === null ? '' : hotp(key, Math.floor(nowMs / 1000 / 30));
}
