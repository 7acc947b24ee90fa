// advance(): the order of everything. Pure; the only place that knows what comes after what. Driver, crash recovery,
// console and tests are this same fold. An event that does not fit the state changes nothing (invariant 6): the very same
// state object comes back, without commands. docs/reference/lifecycle.md is the table, checked against this code.
//
//   requested -> classified -> [resolved] -> decided -> allow: executed
//                                                    -> deny
//                                                    -> hold: held -> (proven | approved)* -> delayed -> released -> executed
// A denial may come at any stage before: what cannot be read or looked up is denied. Holds move in hold-moves.ts.

import type { Environment } from '../action/action.ts';
import type { LifecycleEvent } from './event.ts';
import { advanceHold, noCommands, opened, type Step } from './hold-moves.ts';
import type { CaseState } from './state.ts';

export function advance(state: CaseState, event: LifecycleEvent): Step {
  switch (state.at) {
    case 'new':
      if (event.kind === 'requested')
        return { state: { at: 'requested', action: event.action }, commands: [{ kind: 'classify' }] };
      // Recovery starts from the stored projection of a hold.
      if (event.kind === 'held') return opened(event.hold);
      break;
    case 'requested':
      if (event.kind === 'classified') return classified(state, event);
      if (event.kind === 'decided' && event.verdict.kind === 'deny') return denied;
      break;
    case 'classified':
      if (event.kind === 'resolved' && state.needs === 'resolution') {
        const { action, reading } = state;
        return {
          state: { at: 'resolved', action, reading, resolution: event.resolution },
          commands: [{ kind: 'decide' }],
        };
      }
      if (event.kind === 'decided') return decided(state, event);
      break;
    case 'resolved':
      if (event.kind === 'decided') return decided(state, event);
      break;
    case 'allowed':
      if (event.kind === 'executed') return { state: { at: 'ended', how: 'executed' }, commands: noCommands };
      break;
    case 'held':
      return advanceHold(state, event);
    case 'ended':
      break;
  }
  return { state, commands: noCommands };
}

const denied: Step = { state: { at: 'ended', how: 'denied' }, commands: [{ kind: 'answer-denied' }] };

function classified(
  state: Extract<CaseState, { at: 'requested' }>,
  event: Extract<LifecycleEvent, { kind: 'classified' }>,
): Step {
  const { reading } = event;
  const needs = event.needsResolution ? 'resolution' : 'decision';
  return {
    state: { at: 'classified', action: state.action, reading, needs },
    commands: [{ kind: needs === 'resolution' ? 'resolve' : 'decide' }],
  };
}

type Undecided = Extract<CaseState, { at: 'classified' | 'resolved' }>;

function decided(state: Undecided, event: Extract<LifecycleEvent, { kind: 'decided' }>): Step {
  const { verdict, next } = event;
  // What cannot be read is denied, whatever a stage says: a human cannot be shown what nobody could read.
  if (verdict.kind === 'deny' || state.reading.unreadable !== null) return denied;
  // A place that was asked for has not been named yet: no verdict but a denial can have been reached.
  if (state.at === 'classified' && state.needs === 'resolution') return { state, commands: noCommands };
  if (verdict.kind === 'allow') return allowed(state);
  if (next === null) return denied;
  if (next.kind !== 'open')
    return { state: { at: 'ended', how: 'followed' }, commands: [{ kind: 'follow-hold', next }] };
  // A hold opens without a yes: whatever came with it was given to something else.
  const hold = { ...next.hold, state: { kind: 'held' }, approvals: [], proofs: [] } as const;
  return opened(hold, [{ kind: 'open-hold', hold }]);
}

function isDisposable(environment: Environment): boolean {
  return environment.kind === 'verified' && environment.disposable && !environment.protected;
}

/** The fold's own floor under the verdict table: destruction without a human needs a place verified as disposable. */
function allowed(state: Undecided): Step {
  const { action, reading } = state;
  const resolution = state.at === 'resolved' ? state.resolution : null;
  if (reading.effect === 'destructive' && !resolution?.environments.every(isDisposable)) return denied;
  return { state: { at: 'allowed', action, reading, resolution }, commands: [{ kind: 'execute-allowed' }] };
}
