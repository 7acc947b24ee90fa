// The Safeguard port: a worker that brings one kind of proof. Started when a hold opens, so that the human sees its
// state before saying yes; cancelled with the hold. The delay window and backups are safeguards.

import type { Proof, Requirement } from '../hold/proof.ts';

export interface Safeguard {
  readonly kind: Requirement['kind'];
  /** Starts work for a hold; calls done once with the proof. The returned function cancels. */
  start(holdId: string, requirement: Requirement, done: (proof: Proof) => void): () => void;
}
