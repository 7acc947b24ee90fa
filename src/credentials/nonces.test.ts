import { expect, it } from 'vitest';
import type { Clock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { createNonces } from './nonces.ts';

const digest = 'd'.repeat(64);

function setup() {
  const time = { wallMs: 1000, monotonicMs: 0 };
  const clock: Clock = { wallMs: () => time.wallMs, monotonicMs: () => time.monotonicMs, after: () => () => undefined };
  return { time, nonces: createNonces(systemRandom(), clock) };
}

it('is good once, for its digest', () => {
  const { nonces } = setup();
  const { nonce, expiresAtMs } = nonces.issue(digest);
  expect(nonce).toMatch(/^[0-9a-f]{64}$/);
  expect(expiresAtMs).toBe(601_000);
  expect(nonces.spend(nonce, digest)).toBe(true);
  expect(nonces.spend(nonce, digest)).toBe(false);
});

it('is spent by an attempt with another digest', () => {
  const { nonces } = setup();
  const { nonce } = nonces.issue(digest);
  expect(nonces.spend(nonce, 'e'.repeat(64))).toBe(false);
  expect(nonces.spend(nonce, digest)).toBe(false);
});

it('ends after ten minutes of real time, whatever the wall clock says', () => {
  const { nonces, time } = setup();
  const { nonce } = nonces.issue(digest);
  const { nonce: late } = nonces.issue(digest);
  time.wallMs = -3_600_000;
  time.monotonicMs = 599_999;
  expect(nonces.spend(nonce, digest)).toBe(true);
  time.monotonicMs = 600_000;
  expect(nonces.spend(late, digest)).toBe(false);
});

it('knows no nonce that it did not issue, and keeps a bounded number', () => {
  const { nonces } = setup();
  expect(nonces.spend('f'.repeat(64), digest)).toBe(false);
  const first = nonces.issue(digest).nonce;
  for (let count = 0; count < 10_000; count += 1) nonces.issue(digest);
  expect(nonces.spend(first, digest)).toBe(false);
});
