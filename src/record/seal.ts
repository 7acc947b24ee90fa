// Sealing: from a draft to a link of the chain. Leaf and chain are defined in docs/formats/journal.md and nowhere else.
// Pure: the store says which event came before and which seq is next; it neither reads a clock nor keeps state here.
// record/verify.ts is the counterpart that finds the first link that does not hold.

import { hash } from 'node:crypto';
import { canonicalJson } from '../action/canonical.ts';
import type { EventDraft, SealedEvent } from './event.ts';

/** What the first event's chain hash is made over: 32 zero bytes, hex. */
export const genesis = '0'.repeat(64);

/**
 * Canonical text before and after the value of `seq`. Members are sorted, so everything but the number can be made on
 * the thread that submits, and a draft that is not JSON is refused there without touching its neighbours in the batch.
 */
export interface Frame {
  readonly head: string;
  readonly tail: string;
}

/** Throws TypeError on what canonical JSON does not define, and on a time that is not whole milliseconds. */
export function frameOf(draft: EventDraft, stream: string): Frame {
  if (!Number.isSafeInteger(draft.atMs)) throw new TypeError('an event is dated in whole milliseconds');
  const head =
    `{"actionId":${canonicalJson(draft.actionId)},"agent":${canonicalJson(draft.agent)},"atMs":${draft.atMs}` +
    `,"data":${canonicalJson(draft.data)},"holdId":${canonicalJson(draft.holdId)},"kind":${canonicalJson(draft.kind)}` +
    `,"posture":${canonicalJson(draft.posture)},"seq":`;
  return { head, tail: `,"session":${canonicalJson(draft.session)},"stream":${canonicalJson(stream)},"v":1}` };
}

/** The leaf's content: canonical JSON of the event without `leaf` and `chain`. */
export function textOf(frame: Frame, seq: number): string {
  return `${frame.head}${seq}${frame.tail}`;
}

/** SHA-256(0x00 || text), hex: RFC 6962 2.1, so that the leaves are a Merkle tree's as they stand. */
export function leafOf(text: string): string {
  return hash('sha256', `\0${text}`, 'hex');
}

/** SHA-256(previous || leaf) over the 64 bytes, hex. */
export function chainOf(previous: string, leaf: string): string {
  return hash('sha256', Buffer.from(previous + leaf, 'hex'), 'hex');
}

/** Seals one draft as event `seq` of a stream, after the event whose chain is `previous` (genesis for the first). */
export function seal(previous: string, draft: EventDraft, seq: number, stream: string): SealedEvent {
  const leaf = leafOf(textOf(frameOf(draft, stream), seq));
  return sealedFrom(draft, seq, stream, leaf, chainOf(previous, leaf));
}

/** A draft with its seal; takes the named members only, because the leaf covers those and no others. */
export function sealedFrom(draft: EventDraft, seq: number, stream: string, leaf: string, chain: string): SealedEvent {
  const { kind, atMs, actionId, holdId, agent, session, posture, data } = draft;
  return { v: 1, stream, seq, kind, atMs, actionId, holdId, agent, session, posture, data, leaf, chain };
}

/** Canonical text of a sealed event as its leaf covers it; for events that come from elsewhere (an export). */
export function textOfSealed(event: SealedEvent): string {
  const { leaf: _leaf, chain: _chain, ...content } = event;
  return canonicalJson(content);
}
