// Page nonces: what makes a signature belong to one page. Good for ten minutes, once, for one digest. Kept in memory
// only: after a restart every open page is void, and that is meant.

import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';

export interface Nonces {
  issue(digest: string): { readonly nonce: string; readonly expiresAtMs: number };
  /** True once for a nonce that is known, fresh and was issued for this digest. It is spent whatever the answer. */
  spend(nonce: string, digest: string): boolean;
}

const validMs = 600_000;
const nonceBytes = 32;
/** A page that is opened in a loop pushes out the oldest page, not memory. */
const openMax = 10_000;

export function createNonces(random: Random, clock: Clock): Nonces {
  const open = new Map<string, { readonly digest: string; readonly endsMs: number }>();
  const dropOld = () => {
    for (const [nonce, { endsMs }] of open) {
      if (endsMs > clock.monotonicMs() && open.size < openMax) return;
      open.delete(nonce);
    }
  };
  return {
    issue(digest) {
      dropOld();
      const nonce = Buffer.from(random.bytes(nonceBytes)).toString('hex');
      // Monotonic: setting the wall clock back must not give a page a second life.
      open.set(nonce, { digest, endsMs: clock.monotonicMs() + validMs });
      return { nonce, expiresAtMs: clock.wallMs() + validMs };
    },
    spend(nonce, digest) {
      const page = open.get(nonce);
      open.delete(nonce);
      return page !== undefined && page.digest === digest && clock.monotonicMs() < page.endsMs;
    },
  };
}
