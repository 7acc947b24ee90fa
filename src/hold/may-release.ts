// mayRelease: the one place that says whether a held action may go, from bytes and signatures alone (invariants 1, 2).
// It trusts no earlier decision: the driver calls it just before `released`, with everything looked up again.

import { canonicalJson } from '../action/canonical.ts';
import { type Reason, reason } from '../platform/reason.ts';
import { type DigestInput, holdDigest } from './digest.ts';
import type { Approval, Hold, MaterialFacts } from './hold.ts';
import { materialChanges } from './material.ts';
import { type Enrolment, verifySignature } from './people.ts';

/** From approval plus delay, this long: then the approval has lapsed. */
export const releaseWindowMs = 60 * 60_000;
/** A hold that nobody asked for again within this time is not released. */
export const askedAgainMaxMs = 7 * 24 * 60 * 60_000;

export interface ReleaseFacts {
  readonly hold: Hold;
  /** Built from the stored bytes, the grant and the policy of now; material as approved (bounds included). */
  readonly input: DigestInput;
  /** Material resolved afresh. */
  readonly fresh: MaterialFacts;
  readonly people: ReadonlyMap<string, Enrolment>;
  readonly agent: { readonly frozen: boolean; readonly revoked: boolean; readonly expired: boolean };
  readonly nowMs: number;
}

export type ReleaseAnswer =
  | { readonly kind: 'may' }
  /** Something changed or is missing that a new look by a human can mend. */
  | { readonly kind: 'rehold'; readonly reasons: readonly Reason[] }
  /** The window is over. */
  | { readonly kind: 'lapsed' };

const lookAgain = 'Look at the hold again and decide anew.';

function approvalFaults(facts: ReleaseFacts, digest: string): readonly string[] {
  const { hold, people } = facts;
  const faults: string[] = [];
  for (const approval of hold.approvals) {
    const human = people.get(approval.human);
    if (human === undefined || human.role === 'viewer')
      faults.push(`${approval.human} is not enrolled as one who may approve`);
    else if (human.publicKey !== approval.publicKey) faults.push(`${approval.human}'s key is not the enrolled one`);
    else if (approval.digest !== digest) faults.push(`${approval.human} approved another digest`);
    else if (!verifySignature(approval.publicKey, digest, approval.nonce, approval.signature))
      faults.push(`${approval.human}'s signature does not verify`);
  }
  return faults;
}

/** approval-key is the terminal's way of a passkey and the other way round (DESIGN section 6 "Factors"). */
export function factorSatisfied(wanted: string, given: ReadonlySet<string>): boolean {
  if (given.has(wanted)) return true;
  return (wanted === 'passkey' && given.has('approval-key')) || (wanted === 'approval-key' && given.has('passkey'));
}

/** True when distinct people with all required factors have said yes. */
export function approvalsSuffice(hold: Hold, approvals: readonly Approval[]): boolean {
  const people = new Set<string>();
  for (const approval of approvals) {
    const given = new Set<string>(approval.factors);
    if (hold.needs.factors.every((factor) => factorSatisfied(factor, given))) people.add(approval.human);
  }
  return people.size >= hold.needs.people;
}

/** Requirements of the hold without a proof that answers them. */
export function missingProofs(hold: Hold): readonly string[] {
  const proven = new Set(hold.proofs.map((proof) => proof.requirement));
  return hold.needs.safeguards.map((requirement) => canonicalJson(requirement)).filter((wanted) => !proven.has(wanted));
}

export function mayRelease(facts: ReleaseFacts): ReleaseAnswer {
  const { hold, agent, nowMs } = facts;
  const reasons: Reason[] = [];
  const add = (code: string, why: string) => reasons.push(reason(code, 'The hold was not released.', why, lookAgain));
  const newestApprovalMs = Math.max(...hold.approvals.map((approval) => approval.atMs), Number.NEGATIVE_INFINITY);
  if (hold.approvals.length > 0 && nowMs > newestApprovalMs + hold.needs.delayMs + releaseWindowMs)
    return { kind: 'lapsed' };

  const digest = holdDigest({ ...facts.input, material: hold.material });
  if (digest !== hold.digest)
    add('digest-changed', 'The request, the grant or the policy is not the one that was approved.');
  for (const change of materialChanges(hold.material, facts.fresh))
    add('material-changed', `Since the approval the ${change}.`);
  for (const fault of approvalFaults(facts, digest)) add('approval-invalid', `${fault}.`);
  if (!approvalsSuffice(hold, hold.approvals))
    add('approvals-missing', 'Not enough distinct humans have approved with the required factors.');
  for (const missing of missingProofs(hold)) add('proof-missing', `A required safeguard has no proof: ${missing}.`);
  if (agent.frozen) add('agent-frozen', `The agent ${hold.agent} is frozen.`);
  if (agent.revoked) add('agent-revoked', `The agent ${hold.agent} is revoked.`);
  if (agent.expired) add('agent-expired', `The grant of ${hold.agent} has expired.`);
  if (nowMs - hold.askedAgainMs > askedAgainMaxMs) add('hold-too-old', 'Nobody asked for this within the last 7 days.');
  return reasons.length === 0 ? { kind: 'may' } : { kind: 'rehold', reasons };
}
