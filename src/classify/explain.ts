// The verdict that `explain` prints: that of an agent whose grant covers everything in one verified non-production
// environment and says `destructive: confirm`. A small pure table over the reading alone; the gateway's verdicts, with
// real grants and environments, are decide/.

import type { Reading, Verdict } from '../action/action.ts';
import { isIrreversible } from '../action/effect.ts';
import { type Reason, reason } from '../platform/reason.ts';

const ask = 'Ask a human for it, or wait: an approval releases exactly this request.';

/** deny > hold > allow; every reason that applies is listed. */
export function explainVerdict(reading: Reading): Verdict {
  if (reading.unreadable !== null) return { kind: 'deny', reasons: [reading.unreadable] };
  const reasons: Reason[] = [];
  if (reading.effect === 'destructive') reasons.push(destruction(reading));
  if (reading.aspects.includes('mints-access')) {
    reasons.push(
      reason(
        'mints-access',
        `${reading.operation} makes a new way in.`,
        'A new credential or right outlives this request, so a human sees it first, in every environment.',
        ask,
      ),
    );
  }
  if (reading.aspects.includes('removes-protection')) {
    reasons.push(
      reason(
        'removes-protection',
        `${reading.operation} takes a protection away.`,
        'Without it a later action destroys for good, so a human sees it first, in every environment.',
        ask,
      ),
    );
  }
  if (revealsUnmasked(reading)) {
    reasons.push(
      reason(
        'exposes-secrets',
        `${reading.operation} reveals a secret.`,
        'The answer would carry a live credential, and nothing is known that would mask it.',
        ask,
      ),
    );
  }
  if (reasons.length > 0) return { kind: 'hold', reasons };
  const why = reading.evidence[0]?.says ?? 'Nothing in it says that it destroys.';
  return {
    kind: 'allow',
    reasons: [
      reason(`allowed-${reading.effect}`, `${reading.operation} is a ${reading.effect}.`, why, 'Nothing to do.'),
    ],
  };
}

function destruction(reading: Reading): Reason {
  const loss = isIrreversible(reading.recovery)
    ? 'nothing is known that brings it back'
    : `it can be brought back (${reading.recovery})`;
  const why =
    reading.operations.find((operation) => operation.effect === 'destructive')?.evidence.at(-1)?.says ??
    'It is assumed to destroy.';
  const code = reading.basis === 'proven' ? 'destructive' : 'destructive-assumed';
  return reason(code, `${reading.operation} destroys, and ${loss}.`, why, ask);
}

function revealsUnmasked(reading: Reading): boolean {
  return reading.operations.some(
    (operation) => operation.aspects.includes('exposes-secrets') && operation.masks.length === 0,
  );
}
