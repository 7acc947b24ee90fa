// The Clock port without a clock: time moves only when a test says so, timers run in the order of their due times.
// Wall and monotonic time can be parted on purpose (sleep, a stepped clock). Counterpart of platform/clock.ts.

import type { Clock } from '../platform/clock.ts';

export interface SimulatedClock extends Clock {
  /** Moves both clocks, runs what falls due on the way, and lets its promises settle before the next timer. */
  advance(byMs: number): Promise<void>;
  /** Moves the wall clock alone. */
  stepWall(byMs: number): void;
  /** Timers that have neither run nor been cancelled. */
  readonly pending: number;
}

/** Lets everything that is ready run: promises and what they queue. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function simulatedClock(startMs = Date.UTC(2026, 3, 24, 14, 3)): SimulatedClock {
  let monotonicMs = 0;
  let wallOffsetMs = startMs;
  let made = 0;
  const timers = new Map<number, { readonly dueMs: number; readonly run: () => void }>();

  function nextDue(untilMs: number): readonly [number, { readonly dueMs: number; readonly run: () => void }] | null {
    const due = [...timers].filter(([, timer]) => timer.dueMs <= untilMs);
    due.sort(([idA, a], [idB, b]) => a.dueMs - b.dueMs || idA - idB);
    return due[0] ?? null;
  }

  return {
    wallMs: () => wallOffsetMs + monotonicMs,
    monotonicMs: () => monotonicMs,
    after(delayMs, run) {
      made += 1;
      const id = made;
      timers.set(id, { dueMs: monotonicMs + Math.max(0, delayMs), run });
      return () => timers.delete(id);
    },
    async advance(byMs) {
      const untilMs = monotonicMs + byMs;
      await settle();
      for (let next = nextDue(untilMs); next !== null; next = nextDue(untilMs)) {
        const [id, timer] = next;
        timers.delete(id);
        monotonicMs = Math.max(monotonicMs, timer.dueMs);
        timer.run();
        await settle();
      }
      monotonicMs = untilMs;
    },
    stepWall(byMs) {
      wallOffsetMs += byMs;
    },
    get pending() {
      return timers.size;
    },
  };
}
