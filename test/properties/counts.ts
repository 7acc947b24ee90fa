// What the histories met, and what a genuine signature is: shared by those who make histories and those who judge them.
// Not the books of a history (ledger.ts), which know what may go.

import type { Approval } from '../../src/hold/hold.ts';
import { publicKeyOf, signAs } from '../../src/testing/people-pool.ts';

/** How often each thing happened over all histories: a property that nothing exercised proves nothing. */
export type Counts = Map<string, number>;

export function count(counts: Counts, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

export function isGenuine(approval: Approval): boolean {
  return (
    approval.publicKey === publicKeyOf(approval.human) &&
    approval.signature === signAs(approval.human, approval.digest, approval.nonce)
  );
}
