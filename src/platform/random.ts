// Randomness as a port, so that histories can be replayed from a seed. testing/ has the seeded counterpart.
// Not a source of keys: those are made where they are kept (credentials/), by node:crypto itself.

import { randomBytes } from 'node:crypto';

export interface Random {
  bytes(count: number): Uint8Array;
}

/** One call into the system costs as much as the reading of a whole request, so it is asked for many at a time. */
const poolBytes = 4_096;

export function systemRandom(): Random {
  let pool = new Uint8Array(0);
  let used = 0;
  return {
    bytes(count) {
      if (count > poolBytes / 8) return randomBytes(count);
      if (used + count > pool.length) {
        pool = randomBytes(poolBytes);
        used = 0;
      }
      const taken = Uint8Array.from(pool.subarray(used, used + count));
      // Handed out once: what somebody has been given is not to be found here any more.
      pool.fill(0, used, used + count);
      used += count;
      return taken;
    },
  };
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** `prefix_` and 16 characters of Crockford base 32 (80 bits): short enough to type, too long to guess. */
export function newId(random: Random, prefix: string): string {
  let text = '';
  for (const byte of random.bytes(16)) text += alphabet[byte & 31];
  return `${prefix}_${text}`;
}

/**
 * Like newId, beginning with the time (9 characters of milliseconds, then 10 random ones): ids that are made one after
 * the other lie beside each other in an index, which is most of what an append costs. Not for ids that must not be guessed.
 */
export function newTimedId(random: Random, prefix: string, wallMs: number): string {
  let time = '';
  for (let rest = Math.floor(wallMs), place = 0; place < 9; place += 1) {
    time = alphabet[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  let text = '';
  for (const byte of random.bytes(10)) text += alphabet[byte & 31];
  return `${prefix}_${time}${text}`;
}
