// RFC 8785 (JSON Canonicalization Scheme): one byte string for one value, so that digests and chains are stable.
// Only plain JSON values; undefined, functions, NaN and lone surrogates throw, because a digest of "almost" is none.

import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Canonical JSON text. Throws TypeError on what RFC 8785 does not define (3.2.2: NaN, Infinity, lone surrogates). */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no NaN or Infinity');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return canonicalString(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    // 3.2.3: members sorted by UTF-16 code units, which is what the default sort compares.
    const keys = Object.keys(value).sort();
    const parts = keys.map(
      (key) => `${canonicalString(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`,
    );
    return `{${parts.join(',')}}`;
  }
  throw new TypeError(`canonical JSON has no ${typeof value}`);
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('canonical JSON has no lone surrogates');
  return JSON.stringify(text);
}

/** SHA-256 over the canonical form, lower-case hex. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** SHA-256 over bytes, lower-case hex. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
