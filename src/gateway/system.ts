// The running instance's own state: policy, people, frozen and revoked agents. Changes are events, journalled before
// they take effect; at start the state is folded again from the journal, never read from a file.

import type { Json } from '../action/canonical.ts';
import type { Grant, Policy } from '../authorize/grant.ts';
import type { Enrolment } from '../hold/people.ts';
import { advanceSystem, isFrozen, newSystem, type SystemEvent, type SystemState } from '../lifecycle/system.ts';
import { type EventKind, type SealedEvent, systemDraft } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';

export interface System {
  readonly state: SystemState;
  grantOf(agent: string): Grant | null;
  agentState(agent: string): 'active' | 'frozen' | 'revoked';
  /** Journals `kind` with `data`, then applies `event`. Rejects when the journal cannot be written. */
  happen(event: SystemEvent, data: { readonly [key: string]: Json }, agent: string | null): Promise<void>;
  /** A human's denial is already journalled with its hold; this only counts it. */
  countDenial(agent: string, atMs: number): void;
  /** Called after each change; sessions end themselves by it. */
  onChange(listener: () => void): void;
}

const foldedKinds: readonly EventKind[] = ['policy-loaded', 'enrolled', 'frozen', 'thawed', 'revoked'];
const pageSize = 1_000;

/** The fold event that a journalled system event stands for; null for what it does not know. */
function eventOf(sealed: SealedEvent): SystemEvent | null {
  const { data } = sealed;
  const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);
  switch (sealed.kind) {
    case 'policy-loaded':
      return { kind: 'policy-loaded', policy: data.policy as unknown as Policy, digest: text(data.digest) ?? '' };
    case 'enrolled':
      // Agents' tokens are enrolled as well; they are nobody who decides.
      if (typeof data.human !== 'string') return null;
      return { kind: 'enrolled', enrolment: { ...data, atMs: sealed.atMs } as unknown as Enrolment };
    case 'frozen':
      return { kind: 'frozen', agent: text(data.agent) };
    case 'thawed':
      return { kind: 'thawed', agent: text(data.agent) };
    case 'revoked':
      // A credential's secret was taken away: nobody is revoked by it.
      if (typeof data.credential === 'string') return null;
      return { kind: 'revoked', agent: text(data.agent), human: text(data.human) };
    default:
      return null;
  }
}

async function foldJournal(storage: Storage): Promise<SystemState> {
  let state = newSystem;
  let afterSeq = 0;
  for (;;) {
    const page = await storage.events({ kinds: foldedKinds, afterSeq, from: 'oldest', limit: pageSize });
    for (const sealed of page) {
      const event = eventOf(sealed);
      if (event !== null) state = advanceSystem(state, event);
      afterSeq = sealed.seq;
    }
    if (page.length < pageSize) return state;
  }
}

export async function openSystem(storage: Storage, wallMs: () => number): Promise<System> {
  let state = await foldJournal(storage);
  let grants = grantMap(state.policy);
  const listeners: (() => void)[] = [];

  function apply(event: SystemEvent): void {
    state = advanceSystem(state, event);
    grants = grantMap(state.policy);
    for (const listener of listeners) listener();
  }

  return {
    get state() {
      return state;
    },
    grantOf: (agent) => grants.get(agent) ?? null,
    agentState: (agent) => (state.revoked.has(agent) ? 'revoked' : isFrozen(state, agent) ? 'frozen' : 'active'),
    async happen(event, data, agent) {
      const kind = event.kind === 'denied' ? 'frozen' : event.kind;
      await storage.commit({ events: [systemDraft(kind, wallMs(), agent, data)] });
      apply(event);
    },
    countDenial: (agent, atMs) => apply({ kind: 'denied', agent, atMs }),
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}

function grantMap(policy: Policy | null): ReadonlyMap<string, Grant> {
  return new Map((policy?.grants ?? []).map((grant) => [grant.agent, grant]));
}
