// The journal's event: past tense, masked, canonical. What the fold consumes, what the chain seals, what people read.
// Bodies of holds are not here: they lie encrypted in the store beside it.

import type { Posture } from '../action/action.ts';
import type { Json } from '../action/canonical.ts';

export const actionEventKinds = [
  'requested',
  'classified',
  'resolved',
  'decided',
  'attached',
  'held',
  'proven',
  'approved',
  'delayed',
  'released',
  'executed',
  'collected',
  'denied',
  'cancelled',
  'lapsed',
  'reheld',
] as const;
export const systemEventKinds = [
  'tallied',
  'started',
  'policy-loaded',
  'enrolled',
  'frozen',
  'thawed',
  'revoked',
  'stray-found',
  'settled',
  'refused',
  'probed',
  'checkpointed',
] as const;
export type EventKind = (typeof actionEventKinds)[number] | (typeof systemEventKinds)[number];

/** An event before the store seals it. `data` is masked by whoever makes it: no secret ever reaches a draft. */
export interface EventDraft {
  readonly kind: EventKind;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly actionId: string | null;
  readonly holdId: string | null;
  readonly agent: string | null;
  readonly session: string | null;
  readonly posture: Posture | null;
  readonly data: { readonly [key: string]: Json };
}

/** A draft of what belongs to no action: policy, people, agents, credentials, the instance itself. */
export function systemDraft(kind: EventKind, atMs: number, agent: string | null, data: EventDraft['data']): EventDraft {
  return { kind, atMs, actionId: null, holdId: null, agent, session: null, posture: null, data };
}

/** An event in the journal. Canonical JSON of all but `leaf` and `chain` is the leaf's content. */
export interface SealedEvent extends EventDraft {
  readonly v: 1;
  readonly stream: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** SHA-256(0x00 || canonical JSON), hex (RFC 6962 leaf). */
  readonly leaf: string;
  /** SHA-256(previous chain || leaf), hex; the first event's previous is 32 zero bytes. */
  readonly chain: string;
}
