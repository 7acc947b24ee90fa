// One gateway process over a disk that outlives it: the real hold desk, a simulated clock, a store that can fail, and an
// upstream that counts. Every consequence is checked against the disk at the moment at which it happens.

import { expect } from 'vitest';
import { delaySafeguard } from '../../src/gateway/delay-safeguard.ts';
import { createHoldDesk, type HoldDesk } from '../../src/gateway/hold-desk.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { mayRelease } from '../../src/hold/may-release.ts';
import { enrolledPeople } from '../../src/hold/people.ts';
import type { LifecycleEvent } from '../../src/lifecycle/event.ts';
import type { Safeguard } from '../../src/safeguard/safeguard.ts';
import { type Fate, type MemoryDisk, memoryStorage } from '../../src/testing/memory-storage.ts';
import { digestInputOf, proofOf, rootPeople } from '../../src/testing/release-case.ts';
import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import { type SimulatedClock, simulatedClock } from '../../src/testing/simulated-clock.ts';
import { type Counts, count } from './counts.ts';

/** What outlives every process: the disk, and the world outside, which remembers each sending. */
export interface Outside {
  readonly disk: MemoryDisk;
  readonly sent: Map<string, number>;
  readonly random: SeededRandom;
  readonly counts: Counts;
  /** Broken promises, kept here because the desk answers for whatever throws inside it. */
  readonly broken: string[];
}

export interface Process {
  readonly desk: HoldDesk;
  readonly clock: SimulatedClock;
  /** Nothing of this process happens any more, not even what is already on its way. */
  kill(): void;
}

export function storedHold(disk: MemoryDisk, holdId: string): Hold | null {
  const text = disk.rows.get(`hold/${holdId}`)?.value;
  return text === undefined ? null : (JSON.parse(text) as Hold);
}

/** Kinds of the hold's events on the disk, oldest first. */
export function written(disk: MemoryDisk, holdId: string): readonly string[] {
  return disk.events.filter((event) => event.holdId === holdId).map((event) => event.kind);
}

function insist(outside: Outside, promise: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    outside.broken.push(`${promise}: ${error}`);
  }
}

const people = enrolledPeople(rootPeople);

function recheck(hold: Hold, nowMs: number): LifecycleEvent {
  const agent = { frozen: false, revoked: false, expired: false };
  const answer = mayRelease({ hold, input: digestInputOf(hold), fresh: hold.material, people, agent, nowMs });
  if (answer.kind === 'may') return { kind: 'released', atMs: nowMs };
  if (answer.kind === 'lapsed') return { kind: 'lapsed', atMs: nowMs };
  return { kind: 'reheld', atMs: nowMs, because: answer.reasons.map((each) => each.code), hold: null };
}

/** A copy that takes its time; it must not begin for a hold that could be lost. */
function slowCopy(outside: Outside, clock: SimulatedClock): Safeguard {
  const { disk, random } = outside;
  return {
    kind: 'backup',
    start(holdId, requirement, done) {
      insist(outside, 'invariant 3: held before its safeguards', () => expect(written(disk, holdId)).toContain('held'));
      return clock.after(1_000 + random.int(240_000), () => done(proofOf(requirement, clock.wallMs())));
    },
  };
}

export function startProcess(outside: Outside, wallMs: number, fate: () => Fate): Process {
  const { disk, sent, random, counts } = outside;
  const clock = simulatedClock(wallMs);
  const storage = memoryStorage(disk, fate);
  /** On this process's monotonic clock: a delay is counted by one process alone. */
  const approvedAtMs = new Map<string, number>();
  let life: 'alive' | 'dead' = 'alive';
  const outcomes = ['ok', 'ok', 'failed', 'unknown'] as const;

  function execute(hold: Hold): Promise<{ event: LifecycleEvent; bodies: [] }> {
    if (life === 'dead') return new Promise(() => undefined);
    const kinds = written(disk, hold.id);
    insist(outside, 'invariant 3: released is durable before the first byte', () => {
      expect(kinds.at(-1)).toBe('released');
      expect(storedHold(disk, hold.id)?.state.kind).toBe('released');
    });
    insist(outside, 'invariant 1: a yes since the hold last lay before its humans', () =>
      expect(kinds.lastIndexOf('approved')).toBeGreaterThan(kinds.lastIndexOf('reheld')),
    );
    if (hold.needs.delayMs > 0)
      insist(outside, 'invariant 2: the whole delay since the last yes', () =>
        expect(clock.monotonicMs() - (approvedAtMs.get(hold.id) ?? Number.NaN)).toBeGreaterThanOrEqual(
          hold.needs.delayMs,
        ),
      );
    sent.set(hold.id, (sent.get(hold.id) ?? 0) + 1);
    count(counts, 'sent');
    const outcome = random.pick(outcomes);
    return new Promise((resolve) => {
      const answer = () =>
        resolve({ event: { kind: 'executed', atMs: clock.wallMs(), outcome, status: 200, after: null }, bodies: [] });
      clock.after(random.int(90_000), answer);
    });
  }

  const desk = createHoldDesk({
    storage,
    clock,
    safeguards: [delaySafeguard(clock), slowCopy(outside, clock)],
    notifier: {
      held: (holdId) =>
        insist(outside, 'invariant 3: held before anybody is told', () =>
          expect(written(disk, holdId)).toContain('held'),
        ),
      moved: (holdId, what) => {
        if (what === 'approved') approvedAtMs.set(holdId, clock.monotonicMs());
        insist(outside, 'invariant 3: written before anybody is told', () =>
          expect(written(disk, holdId)).toContain(what === 'asked-again' ? 'attached' : what),
        );
      },
    },
    recheck: async (hold) => recheck(hold, clock.wallMs()),
    execute,
    fault: (where) => count(counts, `fault in ${where}`),
  });
  return {
    desk,
    clock,
    kill() {
      life = 'dead';
      storage.kill();
    },
  };
}
