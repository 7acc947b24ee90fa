// The instance's own fold: policy, people, frozen and revoked agents. State is rebuilt from the journal's
// system events at start, so a changed file or row changes nothing.

import type { Policy } from '../authorize/grant.ts';
import { type Enrolment, enrolledPeople } from '../hold/people.ts';

export interface SystemState {
  readonly policy: Policy | null;
  readonly policyDigest: string;
  readonly enrolments: readonly Enrolment[];
  readonly removedPeople: ReadonlySet<string>;
  readonly frozen: ReadonlySet<string>;
  /** Everything stands still. */
  readonly frozenAll: boolean;
  readonly revoked: ReadonlySet<string>;
  /** Times of human denials by agent within the last hour. */
  readonly denials: ReadonlyMap<string, readonly number[]>;
}

export type SystemEvent =
  | { readonly kind: 'policy-loaded'; readonly policy: Policy; readonly digest: string }
  | { readonly kind: 'enrolled'; readonly enrolment: Enrolment }
  | { readonly kind: 'frozen'; readonly agent: string | null }
  | { readonly kind: 'thawed'; readonly agent: string | null }
  | { readonly kind: 'revoked'; readonly agent: string | null; readonly human: string | null }
  | { readonly kind: 'denied'; readonly agent: string; readonly atMs: number };

export const newSystem: SystemState = {
  policy: null,
  policyDigest: '',
  enrolments: [],
  removedPeople: new Set(),
  frozen: new Set(),
  frozenAll: false,
  revoked: new Set(),
  denials: new Map(),
};

const hourMs = 60 * 60_000;
/** So many human denials within an hour freeze the agent. */
export const denialsToFreeze = 3;

function plus<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  return new Set([...set, value]);
}

function minus<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  return new Set([...set].filter((other) => other !== value));
}

export function advanceSystem(state: SystemState, event: SystemEvent): SystemState {
  switch (event.kind) {
    case 'policy-loaded':
      return { ...state, policy: event.policy, policyDigest: event.digest };
    case 'enrolled':
      return enrolled(state, event.enrolment);
    case 'frozen':
      return event.agent === null
        ? { ...state, frozenAll: true }
        : { ...state, frozen: plus(state.frozen, event.agent) };
    case 'thawed':
      return thawed(state, event.agent);
    case 'revoked': {
      const revoked = event.agent === null ? state.revoked : plus(state.revoked, event.agent);
      return {
        ...state,
        revoked,
        removedPeople: event.human === null ? state.removedPeople : plus(state.removedPeople, event.human),
      };
    }
    case 'denied': {
      const recent = [...(state.denials.get(event.agent) ?? []), event.atMs].filter(
        (atMs) => event.atMs - atMs < hourMs,
      );
      return { ...state, denials: new Map(state.denials).set(event.agent, recent) };
    }
  }
}

/** A removed human enrols nobody any more, and does not come back under the same name. */
function enrolled(state: SystemState, enrolment: Enrolment): SystemState {
  const removed = state.removedPeople.has(enrolment.by) || state.removedPeople.has(enrolment.human);
  return removed ? state : { ...state, enrolments: [...state.enrolments, enrolment] };
}

function thawed(state: SystemState, agent: string | null): SystemState {
  if (agent === null) return { ...state, frozenAll: false };
  const denials = new Map(state.denials);
  denials.delete(agent);
  return { ...state, frozen: minus(state.frozen, agent), denials };
}

/** True when this agent's denials within the last hour have reached the limit. */
export function denialsFreeze(state: SystemState, agent: string): boolean {
  return (state.denials.get(agent)?.length ?? 0) >= denialsToFreeze;
}

/** Humans who may say yes: an unbroken chain of enrolments, minus those removed. */
export function currentPeople(state: SystemState): ReadonlyMap<string, Enrolment> {
  const people = new Map(enrolledPeople(state.enrolments));
  for (const human of state.removedPeople) people.delete(human);
  return people;
}

export function isFrozen(state: SystemState, agent: string): boolean {
  return state.frozenAll || state.frozen.has(agent);
}
