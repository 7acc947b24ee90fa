// mayRelease: the one place that says whether a held action may go, from bytes and signatures alone (invariants 1, 2).
// It trusts no earlier decision: the driver calls it just before `released`, with everything looked up again.

import { canonicalJson } from '../action/canonical.ts';
import { countsAsProtected } from '../decide/needs.ts';
import { type Reason, reason } from '../platform/reason.ts';
import { type DigestInput, holdDigest } from './digest.ts';
import type { Approval, Hold, MaterialFacts } from './hold.ts';
import { materialChanges } from './material.ts';
import { type Enrolment, verifySignature } from './people.ts';
import type { Proof, Requirement } from './proof.ts';

/** From approval plus delay, this long: then the approval has lapsed. */
export const releaseWindowMs = 60 * 60_000;
/** How far the two clocks may part within one delay before the delay counts as not waited for. */
export const clockSlackMaxMs = 30_000;
/** A hold that nobody asked for again within this time is not released. */
export const askedAgainMaxMs = 7 * 24 * 60 * 60_000;

export interface ReleaseFacts {
  readonly hold: Hold;
  /** Built from the stored bytes, the grant, the policy and the safeguards of now; material as approved. */
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
    else if (!/^([0-9a-f]{2}){8,}$/.test(approval.nonce)) faults.push(`${approval.human}'s approval names no page`);
    else if (approval.atMs > facts.nowMs + clockSlackMaxMs)
      faults.push(`${approval.human}'s approval lies in the future`);
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

/** What destroys, or reaches a protected or unknown place, never goes without a human's own factor (DESIGN section 6 "Factors"). */
function needsAHuman(hold: Hold): boolean {
  const { effect, aspects, unreadable } = hold.reading;
  const guarded = hold.resolution.environments.some(countsAsProtected);
  return effect === 'destructive' || aspects.length > 0 || unreadable !== null || guarded;
}

/** How many distinct humans must say yes; 0 only for a hold that waits for a fresh copy alone (`protects: on deploy`). */
export function peopleNeeded(hold: Hold): number {
  return needsAHuman(hold) ? Math.max(1, hold.needs.people) : hold.needs.people;
}

/** True when this approval carries every factor that the hold asks for. */
export function factorsSuffice(hold: Hold, approval: Approval): boolean {
  const guarded = needsAHuman(hold);
  const given = new Set<string>(approval.factors.filter((factor) => factor !== 'click' || !guarded));
  return given.size > 0 && hold.needs.factors.every((factor) => factorSatisfied(factor, given));
}

/** True when distinct people with all required factors have said yes. Two names with one key are one human. */
export function approvalsSuffice(hold: Hold, approvals: readonly Approval[]): boolean {
  const full = approvals.filter((approval) => factorsSuffice(hold, approval));
  const people = new Set(full.map((approval) => approval.human));
  const keys = new Set(full.map((approval) => approval.publicKey));
  return Math.min(people.size, keys.size) >= peopleNeeded(hold);
}

/** Within this of its approval a yes can still release; the delay comes first. */
export function approvalLastsMs(hold: Hold): number {
  return hold.needs.delayMs + releaseWindowMs;
}

/** True when the oldest approval's window has closed, give or take what two honest clocks may part. */
export function windowIsOver(hold: Hold, nowMs: number): boolean {
  return hold.approvals.some((approval) => nowMs > approval.atMs + approvalLastsMs(hold) - clockSlackMaxMs);
}

/** Each requirement once. A delay that is not listed among the safeguards still has to pass. */
function requirementsOf(hold: Hold, safeguards: readonly Requirement[]): readonly Requirement[] {
  const { delayMs } = hold.needs;
  const delay: readonly Requirement[] = delayMs > 0 ? [{ kind: 'delay', delayMs }] : [];
  const all = new Map([...safeguards, ...delay].map((each) => [canonicalJson(each), each]));
  return [...all.values()];
}

/** True when the proof is of the right kind for a requirement that this hold has. */
export function answersRequirement(hold: Hold, proof: Proof): boolean {
  return requirementsOf(hold, hold.needs.safeguards).some((wanted) => answers(wanted, proof));
}

function answers(wanted: Requirement, proof: Proof): boolean {
  return wanted.kind === proof.kind && canonicalJson(wanted) === proof.requirement;
}

/** Requirements of the hold without a proof that answers them. */
export function missingProofs(
  hold: Hold,
  safeguards: readonly Requirement[] = hold.needs.safeguards,
): readonly string[] {
  return requirementsOf(hold, safeguards)
    .filter((wanted) => !hold.proofs.some((proof) => answers(wanted, proof)))
    .map((wanted) => canonicalJson(wanted));
}

/** Requirements whose proof is older than they allow at `nowMs`: to be renewed before release. */
export function staleProofs(hold: Hold, nowMs: number): readonly string[] {
  return hold.needs.safeguards
    .filter((wanted) => wanted.kind === 'backup')
    .filter((wanted) => hold.proofs.some((proof) => answers(wanted, proof) && nowMs - proof.atMs > wanted.maxAgeMs))
    .map((wanted) => canonicalJson(wanted));
}

/** A tenth of a short delay, 30 s of a long one: what two honest clocks may part within it. */
export function clockSlackMs(delayMs: number): number {
  return Math.min(clockSlackMaxMs, delayMs / 10);
}

/**
 * True when `atMs` lies a whole delay after `sinceMs`, give or take what two honest clocks may part. The delay itself is
 * counted on the monotonic clock; this only keeps the proof of one delay from standing in for another.
 */
export function delayHasPassed(delayMs: number, sinceMs: number, atMs: number): boolean {
  return delayMs === 0 || atMs - sinceMs >= delayMs - clockSlackMs(delayMs);
}

/** Approved, in its delay, or in need of nobody: the states from which a hold can be released. */
export function awaitsRelease(hold: Hold): boolean {
  const { kind } = hold.state;
  return kind === 'approved' || kind === 'delayed' || (kind === 'held' && peopleNeeded(hold) === 0);
}

export function mayRelease(facts: ReleaseFacts): ReleaseAnswer {
  const { hold, agent, nowMs } = facts;
  const reasons: Reason[] = [];
  const add = (code: string, why: string) => reasons.push(reason(code, 'The hold was not released.', why, lookAgain));
  const approvedMs = hold.approvals.map((approval) => approval.atMs);
  // Each approval opens one window; the oldest closes first.
  if (approvedMs.length > 0 && nowMs > Math.min(...approvedMs) + approvalLastsMs(hold)) return { kind: 'lapsed' };

  if (!awaitsRelease(hold)) add('not-approved', `The hold is ${hold.state.kind}.`);
  const digest = holdDigest({ ...facts.input, material: hold.material });
  if (digest !== hold.digest)
    add('digest-changed', 'The request, the grant or the policy is not the one that was approved.');
  for (const change of materialChanges(hold.material, facts.fresh))
    add('material-changed', `Since the approval the ${change}.`);
  for (const fault of approvalFaults(facts, digest)) add('approval-invalid', `${fault}.`);
  if (!approvalsSuffice(hold, hold.approvals))
    add('approvals-missing', 'Not enough distinct humans have approved with the required factors.');
  for (const missing of missingProofs(hold, [...hold.needs.safeguards, ...facts.input.safeguards]))
    add('proof-missing', `A required safeguard has no proof: ${missing}.`);
  for (const stale of staleProofs(hold, nowMs)) add('proof-stale', `A safeguard's proof is too old: ${stale}.`);
  if (approvedMs.length > 0 && !delayHasPassed(hold.needs.delayMs, Math.max(...approvedMs), nowMs))
    add('delay-not-over', 'The delay after the approval is not over.');
  if (agent.frozen) add('agent-frozen', `The agent ${hold.agent} is frozen.`);
  if (agent.revoked) add('agent-revoked', `The agent ${hold.agent} is revoked.`);
  if (agent.expired) add('agent-expired', `The grant of ${hold.agent} has expired.`);
  if (nowMs - hold.askedAgainMs > askedAgainMaxMs) add('hold-too-old', 'Nobody asked for this within the last 7 days.');
  return reasons.length === 0 ? { kind: 'may' } : { kind: 'rehold', reasons };
}
