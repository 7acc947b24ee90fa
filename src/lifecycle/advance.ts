// advance(): the order of everything. Pure; the only place that knows what comes after what. Driver, crash recovery,
// console and tests are this same fold. An event that does not fit the state changes nothing (invariant 6).
//
//   requested -> classified -> [resolved] -> decided -> allow: executed
//                                                    -> deny
//                                                    -> hold: held -> (proven | approved)* -> delayed -> released -> executed
// From held, approved and delayed a human can deny or cancel; approvals lapse; what changed is reheld.

import type { Approval, Hold, HoldState } from '../hold/hold.ts';
import { approvalsSuffice, missingProofs } from '../hold/may-release.ts';
import type { Proof } from '../hold/proof.ts';
import type { Command, LifecycleEvent } from './event.ts';
import type { CaseState } from './state.ts';

export interface Step {
  readonly state: CaseState;
  readonly commands: readonly Command[];
}

const nothing: readonly Command[] = [];

export function advance(state: CaseState, event: LifecycleEvent): Step {
  switch (state.at) {
    case 'new':
      if (event.kind === 'requested')
        return { state: { at: 'requested', action: event.action }, commands: [{ kind: 'classify' }] };
      // Recovery starts from the stored projection of a hold.
      if (event.kind === 'held') return opened(event.hold);
      break;
    case 'requested':
      if (event.kind === 'classified') {
        const next: Command = { kind: event.needsResolution ? 'resolve' : 'decide' };
        return { state: { at: 'classified', action: state.action, reading: event.reading }, commands: [next] };
      }
      break;
    case 'classified':
      if (event.kind === 'resolved')
        return { state: { ...state, at: 'resolved', resolution: event.resolution }, commands: [{ kind: 'decide' }] };
      if (event.kind === 'decided') return decided(state, event);
      break;
    case 'resolved':
      if (event.kind === 'decided') return decided(state, event);
      break;
    case 'allowed':
      if (event.kind === 'executed') return { state: { at: 'ended', how: 'executed' }, commands: nothing };
      break;
    case 'held':
      return advanceHold(state.hold, event);
    case 'ended':
      break;
  }
  return { state, commands: nothing };
}

type Undecided = Extract<CaseState, { at: 'classified' | 'resolved' }>;

function decided(state: Undecided, event: Extract<LifecycleEvent, { kind: 'decided' }>): Step {
  const { verdict, next } = event;
  if (verdict.kind === 'allow') {
    // Invariant 5 in the fold itself: what destroys or cannot be read is never allowed without a place it is allowed in.
    if (state.reading.unreadable !== null)
      return { state: { at: 'ended', how: 'denied' }, commands: [{ kind: 'answer-denied' }] };
    const resolution = state.at === 'resolved' ? state.resolution : null;
    return {
      state: { at: 'allowed', action: state.action, reading: state.reading, resolution },
      commands: [{ kind: 'execute-allowed' }],
    };
  }
  if (verdict.kind === 'hold' && next !== null) {
    if (next.kind === 'open') return opened(next.hold, [{ kind: 'open-hold', hold: next.hold }]);
    return { state: { at: 'ended', how: 'followed' }, commands: [{ kind: 'follow-hold', next }] };
  }
  return { state: { at: 'ended', how: 'denied' }, commands: [{ kind: 'answer-denied' }] };
}

function opened(hold: Hold, first: readonly Command[] = nothing): Step {
  const begin: readonly Command[] = [
    { kind: 'start-safeguards', holdId: hold.id },
    { kind: 'notify', holdId: hold.id },
  ];
  return { state: { at: 'held', hold }, commands: hold.state.kind === 'held' ? [...first, ...begin] : first };
}

function moved(hold: Hold, state: HoldState, commands: readonly Command[] = nothing): Step {
  return { state: { at: 'held', hold: { ...hold, state } }, commands };
}

/** States in which a human can still say no, and evidence can still change. */
function isOpen(state: HoldState): boolean {
  return state.kind === 'held' || state.kind === 'approved' || state.kind === 'delayed';
}

function ending(hold: Hold, state: HoldState): Step {
  return moved(hold, state, [
    { kind: 'stop-safeguards', holdId: hold.id },
    { kind: 'answer-waiting', holdId: hold.id },
  ]);
}

function advanceHold(hold: Hold, event: LifecycleEvent): Step {
  const { state } = hold;
  const same: Step = { state: { at: 'held', hold }, commands: nothing };
  switch (event.kind) {
    case 'proven':
      return isOpen(state) ? proven(hold, event.proof) : same;
    case 'approved':
      return state.kind === 'held' ? approved(hold, event.approval) : same;
    case 'delayed':
      return state.kind === 'approved' ? moved(hold, { kind: 'delayed', untilMs: event.untilMs }) : same;
    case 'released':
      return isReady(hold)
        ? moved(hold, { kind: 'released', atMs: event.atMs }, [{ kind: 'execute-held', holdId: hold.id }])
        : same;
    case 'executed': {
      if (state.kind !== 'released') return same;
      const { outcome, status, after, atMs } = event;
      return ending(hold, { kind: 'executed', outcome, status, after, atMs, collected: false });
    }
    case 'collected':
      return state.kind === 'executed' && !state.collected ? moved(hold, { ...state, collected: true }) : same;
    case 'denied':
      return isOpen(state) ? ending(hold, { kind: 'denied', by: event.by, atMs: event.atMs }) : same;
    case 'cancelled':
      return isOpen(state) ? ending(hold, { kind: 'cancelled', by: event.by, atMs: event.atMs }) : same;
    case 'lapsed':
      return state.kind === 'approved' || state.kind === 'delayed'
        ? ending(hold, { kind: 'lapsed', atMs: event.atMs })
        : same;
    case 'reheld':
      return isOpen(state) ? reheld(event.hold ?? hold) : same;
    case 'settled':
      return isUnsettled(hold)
        ? moved(hold, { kind: 'settled', happened: event.happened, by: event.by, atMs: event.atMs })
        : same;
    case 'asked-again':
      return isOpen(state) && event.atMs > hold.askedAgainMs
        ? { state: { at: 'held', hold: { ...hold, askedAgainMs: event.atMs } }, commands: nothing }
        : same;
    default:
      return same;
  }
}

/** Executed with an outcome nobody knows: only a human settles it. */
export function isUnsettled(hold: Hold): boolean {
  return hold.state.kind === 'executed' && hold.state.outcome === 'unknown';
}

/** Approved by enough people and every safeguard proven, the delay among them. */
function isReady(hold: Hold): boolean {
  const enough = hold.state.kind === 'approved' || hold.state.kind === 'delayed';
  return enough && approvalsSuffice(hold, hold.approvals) && missingProofs(hold).length === 0;
}

function whenReady(hold: Hold): readonly Command[] {
  return isReady(hold) ? [{ kind: 'recheck', holdId: hold.id }] : nothing;
}

function approved(hold: Hold, approval: Approval): Step {
  // One human counts once, and only for this digest.
  if (approval.digest !== hold.digest || hold.approvals.some((other) => other.human === approval.human))
    return { state: { at: 'held', hold }, commands: nothing };
  const next: Hold = { ...hold, approvals: [...hold.approvals, approval] };
  if (!approvalsSuffice(next, next.approvals)) return { state: { at: 'held', hold: next }, commands: nothing };
  const ready: Hold = { ...next, state: { kind: 'approved' } };
  const delay: readonly Command[] =
    hold.needs.delayMs > 0 ? [{ kind: 'start-delay', holdId: hold.id, delayMs: hold.needs.delayMs }] : nothing;
  return { state: { at: 'held', hold: ready }, commands: [...delay, ...whenReady(ready)] };
}

function proven(hold: Hold, proof: Proof): Step {
  // The delay's proof counts only while its own delay runs: an early one would skip the window.
  if (proof.kind === 'delay' && hold.state.kind !== 'delayed')
    return { state: { at: 'held', hold }, commands: nothing };
  const others = hold.proofs.filter((other) => other.requirement !== proof.requirement);
  const next: Hold = { ...hold, proofs: [...others, proof] };
  return { state: { at: 'held', hold: next }, commands: whenReady(next) };
}

/** Back to the human: approvals and the delay are void, other proofs stay. */
function reheld(hold: Hold): Step {
  const next: Hold = {
    ...hold,
    state: { kind: 'held' },
    approvals: [],
    proofs: hold.proofs.filter((proof) => proof.kind !== 'delay'),
  };
  return {
    state: { at: 'held', hold: next },
    commands: [
      { kind: 'start-safeguards', holdId: hold.id },
      { kind: 'notify', holdId: hold.id },
    ],
  };
}
