// The Random port from a seed: the same seed gives the same history. mulberry32, which is no cryptography and is never
// used where a guess would matter. Counterpart of platform/random.ts.

import type { Random } from '../platform/random.ts';

export interface SeededRandom extends Random {
  /** From 0 up to, not including, `below`. */
  int(below: number): number;
  /** True once in `times`. */
  oneIn(times: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const int = (below: number) => Math.floor(next() * below);
  return {
    int,
    oneIn: (times) => int(times) === 0,
    pick: (from) => from[int(from.length)] ?? from[0],
    bytes: (count) => Uint8Array.from({ length: count }, () => int(256)),
  };
}
