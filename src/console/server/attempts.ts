// Refused attempts on the control port, as lines in the journal, a bounded number of them per minute and cause.
// Without the bound an agent could fill the disk or bury one attempt under thousands; what is over it is counted.
// Counterpart: ControlPort.refused, which writes the line.

import type { Clock } from '../../platform/clock.ts';
import type { ControlPort } from './port.ts';

export interface Attempts {
  /** `route` is a declared pattern or `undeclared`, `why` one of a closed list: nothing that the caller wrote. */
  note(attempt: { readonly route: string; readonly why: string; readonly peerUid: number | null }): void;
  /** Writes what is still only counted. */
  flush(): void;
}

const perMinuteMax = 10;
const windowMs = 60_000;

interface Window {
  readonly sinceMs: number;
  written: number;
  counted: number;
}

export function countAttempts(port: Pick<ControlPort, 'refused'>, clock: Clock): Attempts {
  const windows = new Map<string, Window>();
  const close = (why: string) => {
    const window = windows.get(why);
    windows.delete(why);
    if (window === undefined || window.counted === 0) return;
    port.refused({ route: 'several', why: `${why}, and ${window.counted} more within a minute`, peerUid: null });
  };
  const open = (why: string): Window => {
    const known = windows.get(why);
    if (known !== undefined && clock.monotonicMs() - known.sinceMs < windowMs) return known;
    close(why);
    const window = { sinceMs: clock.monotonicMs(), written: 0, counted: 0 };
    windows.set(why, window);
    return window;
  };
  return {
    note(attempt) {
      const window = open(attempt.why);
      if (window.written >= perMinuteMax) {
        // The first one over the bound arms the line that tells how many there were.
        if (window.counted === 0)
          clock.after(windowMs, () => windows.get(attempt.why) === window && close(attempt.why));
        window.counted += 1;
        return;
      }
      window.written += 1;
      port.refused(attempt);
    },
    flush() {
      for (const why of [...windows.keys()]) close(why);
    },
  };
}
