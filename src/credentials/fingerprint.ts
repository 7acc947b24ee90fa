// Fingerprints: how a credential is spoken of without being said. HMAC under the instance's key, so that nobody can test
// guesses against a journal, and two instances never share one. Equal secrets give equal fingerprints; that is the use.

import { hmacHex } from './keys.ts';

const hexLength = 24;

/** `fp:` and 24 hex digits (96 bits). White space around the literal does not count, as it does not in a header. */
export function fingerprintOf(key: Uint8Array, literal: string): string {
  return `fp:${hmacHex(key, literal.trim()).slice(0, hexLength)}`;
}

/** `fp:3a9c5e01…` for pages; the whole one stands in the journal. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.length > 11 ? `${fingerprint.slice(0, 11)}…` : fingerprint;
}
