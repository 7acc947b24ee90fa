// How one hold moves: proofs and approvals in, a release or an end out. Pure, like advance(), whose part for holds it is.
// Whether what was released may really go is hold/may-release.ts, asked from bytes by the driver just before `released`.
// A move that changes nothing returns the very state it was given: the driver writes and runs nothing for it.

import type { Approval, Hold, HoldState } from '../hold/hold.ts';
import {
  answersRequirement,
  approvalLastsMs,
  approvalsSuffice,
  awaitsRelease,
  delayHasPassed,
  factorsSuffice,
  missingProofs,
  staleProofs,
  windowIsOver,
} from '../hold/may-release.ts';
import type { Proof } from '../hold/proof.ts';
import type { Command, LifecycleEvent } from './event.ts';
import type { CaseState } from './state.ts';

export interface Step {
  readonly state: CaseState;
  readonly commands: readonly Command[];
}

type HeldCase = Extract<CaseState, { at: 'held' }>;

export const noCommands: readonly Command[] = [];

function beginning(holdId: string): readonly Command[] {
  return [
    { kind: 'start-safeguards', holdId },
    { kind: 'notify', holdId },
  ];
}

export function opened(hold: Hold, first: readonly Command[] = noCommands): Step {
  return {
    state: { at: 'held', hold },
    commands: hold.state.kind === 'held' ? [...first, ...beginning(hold.id)] : first,
  };
}

function kept(hold: Hold, commands: readonly Command[] = noCommands): Step {
  return { state: { at: 'held', hold }, commands };
}

function moved(hold: Hold, state: HoldState, commands: readonly Command[] = noCommands): Step {
  return kept({ ...hold, state }, commands);
}

function ending(hold: Hold, state: HoldState): Step {
  return moved(hold, state, [
    { kind: 'stop-safeguards', holdId: hold.id },
    { kind: 'answer-waiting', holdId: hold.id },
  ]);
}

/** States in which a human can still say no, and evidence can still change. */
function isOpen({ kind }: HoldState): boolean {
  return kind === 'held' || kind === 'approved' || kind === 'delayed';
}

/** Executed with an outcome nobody knows: only a human settles it. */
export function isUnsettled(hold: Hold): boolean {
  return hold.state.kind === 'executed' && hold.state.outcome === 'unknown';
}

export function advanceHold(same: HeldCase, event: LifecycleEvent): Step {
  return (isOpen(same.hold.state) ? moveOpen(same.hold, event) : moveGone(same.hold, event)) ?? unchanged(same);
}

function unchanged(state: HeldCase): Step {
  return { state, commands: noCommands };
}

/** Before release; null: nothing changes. */
function moveOpen(hold: Hold, event: LifecycleEvent): Step | null {
  switch (event.kind) {
    case 'proven':
      return proven(hold, event.proof, event.atMs);
    case 'approved':
      return hold.state.kind === 'held' ? approved(hold, event.approval, event.atMs) : null;
    case 'delayed':
      return delayed(hold, event.atMs, event.untilMs);
    case 'released':
      return isReady(hold) && speaksFor(hold, event.nonces) && staleProofs(hold, event.atMs).length === 0
        ? moved(hold, { kind: 'released', atMs: event.atMs }, [{ kind: 'execute-held', holdId: hold.id }])
        : null;
    case 'denied':
      return ending(hold, { kind: 'denied', by: event.by, atMs: event.atMs });
    case 'cancelled':
      return ending(hold, { kind: 'cancelled', by: event.by, atMs: event.atMs });
    case 'lapsed':
      return hold.state.kind !== 'held' && windowIsOver(hold, event.atMs)
        ? ending(hold, { kind: 'lapsed', atMs: event.atMs })
        : null;
    case 'reheld':
      return reheld(hold, event.hold);
    case 'asked-again':
      return event.atMs > hold.askedAgainMs ? kept({ ...hold, askedAgainMs: event.atMs }) : null;
    default:
      return null;
  }
}

/** From release on nothing brings a hold back: what may have been sent is never sent again. */
function moveGone(hold: Hold, event: LifecycleEvent): Step | null {
  const { state } = hold;
  switch (event.kind) {
    case 'executed': {
      if (state.kind !== 'released') return null;
      const { outcome, status, after, atMs } = event;
      return ending(hold, { kind: 'executed', outcome, status, after, atMs, collected: false });
    }
    case 'collected':
      return state.kind === 'executed' && !state.collected ? moved(hold, { ...state, collected: true }) : null;
    case 'settled':
      return isUnsettled(hold)
        ? moved(hold, { kind: 'settled', happened: event.happened, by: event.by, atMs: event.atMs })
        : null;
    default:
      return null;
  }
}

/** Approved by enough people and every safeguard proven, the delay among them. */
function isReady(hold: Hold): boolean {
  return awaitsRelease(hold) && approvalsSuffice(hold, hold.approvals) && missingProofs(hold).length === 0;
}

/** True when the check before release was about the approvals that the hold has now. */
function speaksFor(hold: Hold, nonces: readonly string[] | undefined): boolean {
  return nonces === undefined || hold.approvals.map((approval) => approval.nonce).join() === nonces.join();
}

/** A proof that has grown too old while others were waited for is renewed first, not released upon. */
function whenReady(hold: Hold, nowMs: number): readonly Command[] {
  if (!isReady(hold)) return noCommands;
  const kind = staleProofs(hold, nowMs).length > 0 ? 'start-safeguards' : 'recheck';
  return [{ kind, holdId: hold.id }];
}

function approved(hold: Hold, approval: Approval, nowMs: number): Step | null {
  // Only for this digest, with all factors, and once: the same signed yes does not count again after a rehold.
  const spent = hold.spentNonces ?? [];
  if (approval.digest !== hold.digest || !factorsSuffice(hold, approval) || spent.includes(approval.nonce)) return null;
  // A yes whose window closed while a second human was waited for has lapsed.
  const live = hold.approvals.filter((other) => nowMs - other.atMs <= approvalLastsMs(hold));
  if (live.some((other) => other.human === approval.human || other.publicKey === approval.publicKey)) return null;
  const next: Hold = { ...hold, approvals: [...live, approval], spentNonces: [...spent, approval.nonce] };
  if (!approvalsSuffice(next, next.approvals)) return kept(next);
  const ready: Hold = { ...next, state: { kind: 'approved' } };
  const delay: readonly Command[] =
    hold.needs.delayMs > 0 ? [{ kind: 'start-delay', holdId: hold.id, delayMs: hold.needs.delayMs }] : noCommands;
  return kept(ready, [...delay, ...whenReady(ready, nowMs)]);
}

function delayed(hold: Hold, atMs: number, untilMs: number): Step | null {
  const { delayMs } = hold.needs;
  // A shorter delay than the hold's own, or one that nobody asked for, belongs to something else.
  if (hold.state.kind !== 'approved' || delayMs <= 0 || untilMs - atMs < delayMs) return null;
  return moved(hold, { kind: 'delayed', untilMs });
}

function proven(hold: Hold, proof: Proof, nowMs: number): Step | null {
  if (!answersRequirement(hold, proof)) return null;
  if (proof.kind === 'delay' && !endsThisDelay(hold, proof)) return null;
  const other = hold.proofs.find((each) => each.requirement === proof.requirement);
  // Late or twice: an older proof never takes the place of a newer one.
  if (other !== undefined && (other.id === proof.id || other.atMs >= proof.atMs)) return null;
  const next: Hold = { ...hold, proofs: [...hold.proofs.filter((each) => each !== other), proof] };
  return kept(next, whenReady(next, nowMs));
}

/** The delay's proof counts only for the delay that is running: an earlier one's would skip the window. */
function endsThisDelay(hold: Hold, proof: Proof): boolean {
  const { state, needs } = hold;
  return state.kind === 'delayed' && delayHasPassed(needs.delayMs, state.untilMs - needs.delayMs, proof.atMs);
}

/**
 * Back to the human: approvals and the delay are void, other proofs stay if they still answer something. `fresh` brings
 * new evidence; who asked, what came in meanwhile and what was signed before stay as they are here.
 */
function reheld(hold: Hold, fresh: Hold | null): Step | null {
  if (fresh !== null && (fresh.id !== hold.id || fresh.agent !== hold.agent || fresh.retryKey !== hold.retryKey))
    return null;
  const isSame = fresh === null || fresh.digest === hold.digest;
  if (isSame && hold.state.kind === 'held' && hold.approvals.length === 0) return null;
  const { actionId, session, channel, atMs, askedAgainMs, spentNonces = [] } = hold;
  const next: Hold = {
    ...(fresh ?? hold),
    ...{ actionId, session, channel, atMs, askedAgainMs, spentNonces },
    state: { kind: 'held' },
    approvals: [],
    proofs: [],
  };
  const proofs = hold.proofs.filter((proof) => proof.kind !== 'delay' && answersRequirement(next, proof));
  // Stopped first: a timer of the void delay must not run into the next one.
  return kept({ ...next, proofs }, [{ kind: 'stop-safeguards', holdId: hold.id }, ...beginning(hold.id)]);
}
