// The delay window as a safeguard: a proof that so much monotonic time has passed without a cancel. Counted by this
// process only; a restart, sleep or clock drift returns the hold to its humans (hold-desk.ts).

import { canonicalJson } from '../action/canonical.ts';
import type { Requirement } from '../hold/proof.ts';
import type { Clock } from '../platform/clock.ts';
import type { Safeguard } from '../safeguard/safeguard.ts';

export function delaySafeguard(clock: Clock): Safeguard {
  return {
    kind: 'delay',
    start(holdId: string, requirement: Requirement, done) {
      if (requirement.kind !== 'delay') return () => undefined;
      return clock.after(requirement.delayMs, () =>
        done({
          kind: 'delay',
          requirement: canonicalJson(requirement),
          id: `delay:${holdId}`,
          atMs: clock.wallMs(),
          says: `${Math.round(requirement.delayMs / 1000)} s have passed and nobody cancelled.`,
        }),
      );
    },
  };
}
