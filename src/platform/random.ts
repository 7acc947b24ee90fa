// Randomness as a port, so that histories can be replayed from a seed. testing/ has the seeded counterpart.
// Not a source of keys: those are made where they are kept (credentials/), by node:crypto itself.

import { randomBytes } from 'node:crypto';

export interface Random {
  bytes(count: number): Uint8Array;
}

export function systemRandom(): Random {
  return { bytes: (count) => randomBytes(count) };
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** `prefix_` and 16 characters of Crockford base 32 (80 bits): short enough to type, too long to guess. */
export function newId(random: Random, prefix: string): string {
  let text = '';
  for (const byte of random.bytes(16)) text += alphabet[byte & 31];
  return `${prefix}_${text}`;
}
