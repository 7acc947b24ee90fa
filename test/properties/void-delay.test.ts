// The delay of a void approval: its timer must neither end the next delay nor lapse it. The fold refuses such a proof by
// its date; here the desk is seen to stop the timers themselves.

import { expect, it } from 'vitest';
import { memoryDisk } from '../../src/testing/memory-storage.ts';
import { delayMs } from '../../src/testing/release-case.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { type Outside, startProcess, storedHold } from './process.ts';
import { approvalBy, holdOfKind, nonceOf } from './world.ts';

it('ends with the approval that began it', async () => {
  const random = seededRandom(1);
  const outside: Outside = { disk: memoryDisk(), sent: new Map(), random, counts: new Map(), broken: [] };
  const { desk, clock } = startProcess(outside, 1_777_000_000_000, () => 'written');
  const atMs = clock.wallMs();
  // One human, a delay, no copy.
  const hold = { ...holdOfKind(2), id: 'hold_1', atMs, askedAgainMs: atMs };
  const idle = clock.pending;
  await desk.cases.open(hold, [], []);
  const approve = (nonce: number) =>
    desk.apply(hold.id, {
      kind: 'approved',
      atMs: clock.wallMs(),
      approval: approvalBy('anna', hold, clock.wallMs(), nonceOf(nonce)),
    });
  const kind = () => storedHold(outside.disk, hold.id)?.state.kind;

  await approve(1);
  await clock.advance(delayMs / 2);
  expect(kind()).toBe('delayed');
  await desk.apply(hold.id, { kind: 'reheld', atMs: clock.wallMs(), because: ['it changed'], hold: null });
  expect(clock.pending, 'no timer of the void delay is left').toBe(idle);

  await approve(2);
  await clock.advance(delayMs - 1);
  expect(kind()).toBe('delayed');
  expect(outside.sent.size).toBe(0);
  await clock.advance(120_000);
  expect(kind()).toBe('executed');
  expect(outside.sent.get(hold.id)).toBe(1);
  expect(outside.broken).toEqual([]);
  desk.close();
});
