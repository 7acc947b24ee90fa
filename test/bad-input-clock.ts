// Clock jumps of bad-input-table.ts: the real hold desk over a store in memory, with a clock whose two halves can be
// parted. A jump ends every delay, because none can be counted any more: the hold is its humans' again, and nothing is sent.

import { expect } from 'vitest';
import { driftMaxMs } from '../src/gateway/hold-desk.ts';
import { memoryDisk } from '../src/testing/memory-storage.ts';
import { delayMs } from '../src/testing/release-case.ts';
import { seededRandom } from '../src/testing/seeded-random.ts';
import type { Seen } from './bad-input-table.ts';
import { type Outside, startProcess, storedHold, written } from './properties/process.ts';
import { approvalBy, holdOfKind, nonceOf } from './properties/world.ts';

/** Kinds of properties/world.ts: one human with a delay, and one human with a copy that takes its time. */
const kindOf = { delayed: 2, approved: 4 } as const;

async function jump(state: 'approved' | 'delayed', stepMs: number) {
  const outside: Outside = {
    ...{ disk: memoryDisk(), sent: new Map(), random: seededRandom(1), counts: new Map(), broken: [] },
  };
  const { desk, clock } = startProcess(outside, 1_777_000_000_000, () => 'written');
  const atMs = clock.wallMs();
  const hold = { ...holdOfKind(kindOf[state]), id: 'hold_1', atMs, askedAgainMs: atMs };
  await desk.cases.open(hold, [], []);
  await desk.apply(hold.id, { kind: 'approved', atMs, approval: approvalBy('anna', hold, atMs, nonceOf(1)) });
  await clock.advance(0);
  expect(storedHold(outside.disk, hold.id)?.state.kind).toBe(state);
  clock.stepWall(stepMs);
  // The next look at both clocks, well before any delay is over.
  await clock.advance(5_000);
  const event = outside.disk.events.find((each) => each.kind === 'reheld');
  const seenState = storedHold(outside.disk, hold.id);
  await clock.advance(2 * delayMs);
  const sent = outside.sent.get(hold.id) ?? 0;
  desk.close();
  expect(outside.broken).toEqual([]);
  return { state: seenState, sent, kinds: written(outside.disk, hold.id), event };
}

/** What the journal says of it; throws where the hold did not go back or was sent after all. */
export async function jumpSeen(state: 'approved' | 'delayed', stepMs: number): Promise<Seen> {
  const { state: hold, sent, event } = await jump(state, stepMs);
  expect(hold).toMatchObject({ state: { kind: 'held' }, approvals: [] });
  expect(sent).toBe(0);
  return { result: 0, text: JSON.stringify(event) };
}

/** A clock that is put right by a little, as time servers do, ends no delay. */
export async function sentAfterCorrection(): Promise<number> {
  const { sent, kinds } = await jump('delayed', driftMaxMs - 1_000);
  expect(kinds).not.toContain('reheld');
  return sent;
}
