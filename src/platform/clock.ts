// Time as a port: the wall clock dates events, the monotonic clock counts delays (DESIGN section 6).
// testing/simulated-clock.ts is its counterpart in tests.

export interface Clock {
  /** Milliseconds since the epoch. */
  wallMs(): number;
  /** Milliseconds on a clock that never jumps; meaningful within one process only. */
  monotonicMs(): number;
  /** Calls back once after delayMs of monotonic time; the returned function cancels. */
  after(delayMs: number, run: () => void): () => void;
}

/** Longest delay Node's timers take; longer ones are chained. */
const timerMaxMs = 2 ** 31 - 1;

export function systemClock(): Clock {
  const monotonicMs = () => performance.now();
  return {
    wallMs: () => Date.now(),
    monotonicMs,
    after(delayMs, run) {
      const dueMs = monotonicMs() + delayMs;
      let timer: NodeJS.Timeout;
      const arm = () => {
        const leftMs = dueMs - monotonicMs();
        timer = leftMs > timerMaxMs ? setTimeout(arm, timerMaxMs) : setTimeout(run, Math.max(0, leftMs));
        timer.unref?.();
      };
      arm();
      return () => clearTimeout(timer);
    },
  };
}
