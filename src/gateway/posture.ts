// Posture, measured for each connection: who is at the other end, and can that user reach what the gateway guards?
// Never configured. What cannot be measured is `advised`.

import type { Posture } from '../action/action.ts';
import type { Peer } from '../channels/http/port.ts';

export interface PostureFacts {
  /** The peer's uid as the kernel says it; null: not known. */
  readonly peerUid: (peer: Peer) => number | null;
  readonly ownUid: number;
  /** True if a live credential is known to lie where agents can read it. */
  readonly strayKnown: () => boolean;
}

/**
 * brokered: the agent runs under another user than the gateway, and no live credential is known to be readable to it.
 * confined needs the sandbox's own self-test and is never claimed from a connection alone.
 */
export function measurePosture(facts: PostureFacts, peer: Peer): Posture {
  const uid = facts.peerUid(peer);
  if (uid === null || uid === 0 || uid === facts.ownUid) return 'advised';
  return facts.strayKnown() ? 'advised' : 'brokered';
}
