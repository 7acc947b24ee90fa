// Ids from a pool of random bytes: no byte is given out twice, and what was given out does not change afterwards.

import { describe, expect, it } from 'vitest';
import { newId, newTimedId, systemRandom } from './random.ts';

it('gives each byte out once, across refills of the pool', () => {
  const random = systemRandom();
  const all = Array.from({ length: 2_000 }, () => random.bytes(16));
  const texts = all.map((bytes) => Buffer.from(bytes).toString('hex'));
  expect(new Set(texts).size).toBe(2_000);
  expect(all.every((bytes) => bytes.length === 16 && bytes.some((byte) => byte !== 0))).toBe(true);
});

it.each([0, 1, 511, 512, 513, 5_000])('gives %i bytes', (count) => {
  expect(systemRandom().bytes(count)).toHaveLength(count);
});

it('names things by a prefix and 16 characters that are easy to type', () => {
  expect(newId(systemRandom(), 'act')).toMatch(/^act_[0-9a-hjkmnp-tv-z]{16}$/);
  expect(newId({ bytes: (count) => new Uint8Array(count).fill(33) }, 'x')).toBe(`x_${'1'.repeat(16)}`);
});

describe('newTimedId', () => {
  it('sorts by time, in one form, and differs within one millisecond', () => {
    const random = systemRandom();
    const at = (wallMs: number) => newTimedId(random, 'act', wallMs);
    const times = [0, 31, 32, 1_023, 1_024, Date.UTC(2026, 3, 24), Date.UTC(2026, 3, 25), 2 ** 45 - 1];
    const ids = times.map(at);
    expect([...ids].sort()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^act_[0-9a-hjkmnp-tv-z]{19}$/);
    expect(new Set(Array.from({ length: 1_000 }, () => at(1))).size).toBe(1_000);
  });
});
