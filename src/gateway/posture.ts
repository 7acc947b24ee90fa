// Posture, measured for each connection: who is at the other end, and can that user reach what the gateway guards?
// Never configured. What cannot be measured is `advised`.

import type { Posture } from '../action/action.ts';

export interface PostureFacts {
  readonly ownUid: number;
  /** True if a live credential is known to lie where agents can read it. */
  readonly strayKnown: () => boolean;
}

/**
 * `uid` is the peer's as the kernel says it; null: not known. brokered: the agent runs under another user than the gateway, and no live credential is known to be readable to it.
 * confined needs the sandbox's own self-test and is never claimed from a connection alone.
 */
export function measurePosture(facts: PostureFacts, uid: number | null): Posture {
  if (uid === null || uid === 0 || uid === facts.ownUid) return 'advised';
  return facts.strayKnown() ? 'advised' : 'brokered';
}
