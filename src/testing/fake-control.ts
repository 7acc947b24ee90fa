// A ControlPort in memory for tests of the control server and the CLI: it remembers what it was asked and answers from
// the holds that it was given. It checks no factor and keeps no order; gateway/ has the real one.

import type { ControlPort, Done, FactorSubmission, SealedHuman, Status } from '../console/server/port.ts';
import type { Hold, HoldState } from '../hold/hold.ts';
import { reason } from '../platform/reason.ts';
import type { SealedEvent } from '../record/event.ts';
import { sampleHold } from './sample-hold.ts';

export interface FakeControl extends ControlPort {
  /** Every changing call, as `verb` and what came with it. */
  readonly calls: { readonly verb: string; readonly with: unknown }[];
  readonly attempts: { readonly route: string; readonly why: string; readonly peerUid: number | null }[];
  emit(event: SealedEvent): void;
}

export interface FakeControlParts {
  readonly holds?: readonly Hold[];
  readonly people?: readonly SealedHuman[];
  readonly writable?: boolean;
  readonly events?: readonly SealedEvent[];
  /** What approve answers instead of the approved hold. */
  readonly approve?: (submission: FactorSubmission) => Done<Hold> | null;
}

export function sampleEvent(seq: number): SealedEvent {
  const none = { actionId: null, holdId: null, agent: null, session: null, posture: null };
  return { v: 1, kind: 'tallied', atMs: seq, stream: 's', seq, leaf: '00', chain: '00', data: {}, ...none };
}

function statusOf(holds: readonly Hold[], writable: boolean): Status {
  return {
    lab: false,
    startedAtMs: 0,
    proxyPort: 4653,
    controlPort: 4654,
    policyDigest: '00',
    policyFileDiffers: false,
    journal: { seq: 7, writable, anchoredAtMs: null },
    openHolds: holds.length,
    agents: [
      { agent: 'cursor-staging', frozen: false, revoked: false, expired: false, posture: 'advised', grant: 'staging' },
    ],
  };
}

/** Builds the fake; parts not given are one sample hold and nobody enrolled. */
export function fakeControl(parts: FakeControlParts = {}): FakeControl {
  const holds = parts.holds ?? [sampleHold()];
  const calls: FakeControl['calls'] = [];
  const attempts: FakeControl['attempts'] = [];
  const listeners = new Set<(event: SealedEvent) => void>();
  const find = (id: string) => holds.find((hold) => (id === 'newest' ? true : hold.id.startsWith(id))) ?? null;
  const none = reason('no-such-hold', 'There is no such hold.', 'No hold has this id.', 'List them.');
  const move = (id: string, state: HoldState): Done<Hold> => {
    const hold = find(id);
    return hold === null ? { ok: false, status: 404, reason: none } : { ok: true, value: { ...hold, state } };
  };
  const note = async (verb: string, details: unknown): Promise<Done<null>> => {
    calls.push({ verb, with: details });
    return { ok: true, value: null };
  };
  return {
    calls,
    attempts,
    emit: (event) => listeners.forEach((listener) => void listener(event)),
    status: async () => statusOf(holds, parts.writable ?? true),
    holds: async ({ open }) => (open ? holds.filter((hold) => hold.state.kind === 'held') : holds),
    holdsText: async ({ open }) => JSON.stringify(open ? holds.filter((hold) => hold.state.kind === 'held') : holds),
    hold: async (id) => find(id),
    nonce: () => ({ nonce: 'ab'.repeat(16), expiresAtMs: 600_000 }),
    people: async () => parts.people ?? [],
    async approve(id, submission) {
      await note('approve', { id, submission });
      return parts.approve?.(submission) ?? move(id, { kind: 'delayed', untilMs: 600_000 });
    },
    async deny(id, by) {
      await note('deny', { id, by });
      return move(id, { kind: 'denied', by, atMs: 1 });
    },
    async cancel(id, by) {
      await note('cancel', { id, by });
      return move(id, { kind: 'cancelled', by, atMs: 1 });
    },
    async settle(id, happened, submission) {
      await note('settle', { id, happened, submission });
      return move(id, { kind: 'settled', happened, by: submission.human, atMs: 1 });
    },
    freeze: (agent, by) => note('freeze', { agent, by }),
    thaw: (agent, submission) => note('thaw', { agent, submission }),
    credentials: async () => [
      { name: 'railway', kind: 'credential', created_for: 'deploy the web service', confirmation_required: true },
    ],
    async credentialPut(id, secret, submission) {
      await note('credentialPut', { id, secret, submission });
      return { ok: true, value: { fingerprint: 'fp:00', kinds: ['project token'], docs: 'docs/providers/railway.md' } };
    },
    credentialRemove: (id, by) => note('credentialRemove', { id, by }),
    host: (verb, host, submission, by) => note(`host ${verb}`, { host, submission, by }),
    hosts: async () => [{ host: 'docs.example', as: 'ordinary' }],
    async applyPolicy(text, submission, by) {
      await note('applyPolicy', { text, submission, by });
      return { ok: true, value: { changes: ['cursor-staging loses volumes:write'] } };
    },
    diffPolicy: async (text) => ({
      ok: true,
      value: { changes: [`${text.length} characters`], widens: text.includes('wider') },
    }),
    async agentAdd(input, submission) {
      await note('agentAdd', { input, submission });
      return { ok: true, value: { token: 'shown-once' } };
    },
    agentRevoke: (agent, by) => note('agentRevoke', { agent, by }),
    events: async ({ afterSeq = 0 }) => (parts.events ?? []).filter((event) => event.seq > afterSeq),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refused: (attempt) => void attempts.push(attempt),
    probed: async (result) => void (await note('probed', result)),
  };
}
