// Verification: reads a journal from its first event and names the first thing that does not hold.
// It trusts one public key and nothing that lies in the store. What it cannot see is a tail that was cut together with
// the checkpoints over it: for that a checkpoint must have left the machine, and the result says since when none has.

import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../action/canonical.ts';
import { type Checkpoint, checkpointEventsMax, openCheckpoint, originOf } from './checkpoint.ts';
import type { SealedEvent } from './event.ts';
import { emptyRange, extendRange, type Range, rootOf } from './merkle.ts';
import { chainOf, genesis, leafOf, textOfSealed } from './seal.ts';

/** The columns that a store searches by; they repeat what the text says and must not differ from it. */
export interface Marks {
  readonly kind: string;
  readonly atMs: number;
  readonly actionId: string | null;
  readonly holdId: string | null;
  readonly agent: string | null;
}

/** An event as a store holds it. `marks` null: it comes from an export and has none. */
export interface StoredEvent {
  readonly seq: number;
  readonly text: string;
  readonly leaf: string;
  readonly chain: string;
  readonly marks: Marks | null;
}

export interface StoredNote {
  readonly size: number;
  readonly note: string;
}

export interface Break {
  /** The event at which the journal stops holding; 0 if it is not about one event. */
  readonly seq: number;
  /** Stable word, documented in docs/formats/journal.md. */
  readonly code: string;
  readonly what: string;
  readonly why: string;
}

export interface Intact {
  readonly kind: 'intact';
  readonly stream: string | null;
  readonly events: number;
  readonly chain: string;
  readonly root: string;
  readonly checkpoints: number;
  /** Size of the newest checkpoint of the journal itself. */
  readonly signed: number;
  /** What is known to have left this machine: proven by a kept checkpoint, or claimed by a `checkpointed` event. */
  readonly anchor: { readonly size: number; readonly by: 'kept' | 'claimed' } | null;
  /** Time of the first event that no anchor covers; null if every event is covered. */
  readonly notAnchoredSinceMs: number | null;
  readonly firstAtMs: number | null;
  readonly lastAtMs: number | null;
}

export type Verification = Intact | { readonly kind: 'broken'; readonly break: Break };

export interface VerifyInput {
  readonly events: Iterable<StoredEvent>;
  readonly checkpoints: Iterable<StoredNote>;
  readonly publicKey: KeyObject;
  /** Notes that were kept elsewhere. */
  readonly kept?: readonly string[];
}

interface Signed extends Checkpoint {
  readonly kept: boolean;
}

interface State {
  readonly stream: string | null;
  readonly chain: string;
  readonly range: Range;
  readonly signed: number;
}

/** Verifies sealed events, e.g. from an export. See verifyJournal. */
export function verifyEvents(
  events: Iterable<SealedEvent>,
  checkpoints: Iterable<StoredNote>,
  publicKey: KeyObject,
): Verification {
  return verifyJournal({ events: storedFrom(events), checkpoints, publicKey });
}

function* storedFrom(events: Iterable<SealedEvent>): Iterable<StoredEvent> {
  for (const event of events) {
    const { seq, leaf, chain } = event;
    yield { seq, text: textOfSealed(event), leaf, chain, marks: null };
  }
}

/** Never throws for what the journal contains. Events in ascending order; 50,000 and more per second. */
export function verifyJournal(input: VerifyInput): Verification {
  const opened = openNotes(input);
  if (opened.kind === 'broken') return opened;
  const { own, kept } = opened;
  let state: State = { stream: null, chain: genesis, range: emptyRange, signed: 0 };
  const times = anchorTimes(kept);
  for (const stored of input.events) {
    const event = eventOf(stored, state);
    if ('code' in event) return { kind: 'broken', break: event };
    const chain = chainOf(state.chain, stored.leaf);
    if (chain !== stored.chain)
      return broken(stored.seq, 'chain-differs', 'its chain hash does not follow from the event before it');
    const range = extendRange(state.range, stored.leaf);
    state = { stream: event.stream, chain, range, signed: state.signed };
    for (const checkpoint of [own.get(stored.seq), kept.get(stored.seq)]) {
      const wrong = checkpoint === undefined ? null : compare(checkpoint, state);
      if (wrong !== null) return { kind: 'broken', break: wrong };
    }
    if (own.has(stored.seq)) state = { ...state, signed: stored.seq };
    if (stored.seq - state.signed > checkpointEventsMax) {
      return broken(
        stored.seq,
        'checkpoint-missing',
        `the ${checkpointEventsMax} events before it are signed by no checkpoint, and the gateway never leaves so many unsigned`,
      );
    }
    times.take(event);
  }
  return finish(state, own, kept, times);
}

type Notes =
  | { readonly kind: 'open'; readonly own: ReadonlyMap<number, Signed>; readonly kept: ReadonlyMap<number, Signed> }
  | { readonly kind: 'broken'; readonly break: Break };

function openNotes(input: VerifyInput): Notes {
  const own = new Map<number, Signed>();
  for (const { size, note } of input.checkpoints) {
    const opened = openCheckpoint(note, input.publicKey);
    const why =
      opened.kind === 'refused'
        ? opened.why
        : opened.checkpoint.size === size
          ? null
          : 'it is filed under another size';
    if (why !== null) return broken(size, 'checkpoint-forged', `the checkpoint there does not hold: ${why}`);
    if (opened.kind === 'signed') own.set(size, { ...opened.checkpoint, kept: false });
  }
  const kept = new Map<number, Signed>();
  for (const note of input.kept ?? []) {
    const opened = openCheckpoint(note, input.publicKey);
    if (opened.kind === 'refused')
      return broken(
        0,
        'kept-note-refused',
        `the checkpoint kept elsewhere does not belong to this journal: ${opened.why}`,
      );
    kept.set(opened.checkpoint.size, { ...opened.checkpoint, kept: true });
  }
  return { kind: 'open', own, kept };
}

/** The event, or what is wrong with it as it stands, its neighbours aside. */
function eventOf(stored: StoredEvent, state: State): SealedEvent | Break {
  const expected = state.range.size + 1;
  const wrong = (code: string, why: string) => breakAt(stored.seq, code, why);
  if (stored.seq > expected)
    return breakAt(expected, 'event-missing', `the next event in the journal is ${stored.seq}`);
  if (stored.seq < expected) return wrong('event-twice', 'its number was given before');
  if (leafOf(stored.text) !== stored.leaf) return wrong('text-differs', 'its text is not the one that was sealed');
  const event = parsed(stored.text);
  if (event === null) return wrong('text-not-canonical', 'its text is not the canonical form of an event');
  if (event.seq !== stored.seq) return wrong('event-moved', `its text was sealed as event ${event.seq}`);
  if (state.stream !== null && event.stream !== state.stream)
    return wrong('stream-differs', 'it belongs to another journal');
  const mark = stored.marks === null ? null : differingMark(stored.marks, event);
  if (mark !== null) return wrong('column-differs', `the store's column ${mark} contradicts the sealed text`);
  return event;
}

function parsed(text: string): SealedEvent | null {
  try {
    const event = JSON.parse(text) as SealedEvent;
    return canonicalJson(event) === text && event.v === 1 && typeof event.stream === 'string' ? event : null;
  } catch {
    return null;
  }
}

function differingMark(marks: Marks, event: SealedEvent): string | null {
  if (marks.kind !== event.kind) return 'kind';
  if (marks.atMs !== event.atMs) return 'at_ms';
  if (marks.actionId !== event.actionId) return 'action_id';
  if (marks.holdId !== event.holdId) return 'hold_id';
  return marks.agent === event.agent ? null : 'agent';
}

function compare(checkpoint: Signed, state: State): Break | null {
  const { size } = state.range;
  const where = checkpoint.kept ? 'kept elsewhere' : 'there';
  if (checkpoint.chain === state.chain && checkpoint.root === rootOf(state.range)) {
    if (state.stream === null || checkpoint.origin === originOf(state.stream)) return null;
    return breakAt(size, 'stream-differs', `the checkpoint ${where} was signed for another journal`);
  }
  const from = state.signed + 1;
  const why = `events ${from} to ${size} are not the ones that the checkpoint ${where} signed: one of them was replaced and the hashes were made anew`;
  return breakAt(size, checkpoint.kept ? 'kept-note-differs' : 'signed-otherwise', why);
}

/** Follows up to which event something is known to have left the machine, and when the first later event was. */
function anchorTimes(kept: ReadonlyMap<number, Signed>) {
  const proven = Math.max(0, ...kept.keys());
  let claimed = 0;
  let first: number | null = null;
  let last: number | null = null;
  const times: number[] = [];
  return {
    take(event: SealedEvent) {
      first ??= event.atMs;
      last = event.atMs;
      times.push(event.atMs);
      const { size } = event.data;
      if (event.kind === 'checkpointed' && typeof size === 'number' && size < event.seq)
        claimed = Math.max(claimed, size);
    },
    result: () => {
      const size = Math.max(proven, claimed);
      const by = proven >= claimed ? ('kept' as const) : ('claimed' as const);
      const anchor = size === 0 ? null : { size, by };
      return { firstAtMs: first, lastAtMs: last, anchor, notAnchoredSinceMs: times[size] ?? null };
    },
  };
}

function finish(
  state: State,
  own: ReadonlyMap<number, Signed>,
  kept: ReadonlyMap<number, Signed>,
  times: ReturnType<typeof anchorTimes>,
): Verification {
  const { size } = state.range;
  const beyond = [...own.values(), ...kept.values()]
    .filter((note) => note.size > size)
    .sort((a, b) => a.size - b.size)[0];
  if (beyond !== undefined) {
    const where = beyond.kept ? 'kept elsewhere' : 'of the journal';
    return broken(
      size + 1,
      'tail-cut',
      `a checkpoint ${where} covers ${beyond.size} events, and the journal ends after ${size}`,
    );
  }
  return {
    kind: 'intact',
    stream: state.stream,
    events: size,
    chain: state.chain,
    root: rootOf(state.range),
    checkpoints: own.size,
    signed: state.signed,
    ...times.result(),
  };
}

const whatByCode: Readonly<Record<string, string>> = {
  'event-missing': 'is missing',
  'tail-cut': 'and what followed it is missing',
  'event-twice': 'stands there twice',
  'event-moved': 'is not where it was',
};

function breakAt(seq: number, code: string, why: string): Break {
  const what = seq === 0 ? 'The journal does not hold.' : `Event ${seq} ${whatByCode[code] ?? 'does not hold'}.`;
  return { seq, code, what, why: `${why.charAt(0).toUpperCase()}${why.slice(1)}.` };
}

function broken(seq: number, code: string, why: string): Verification & { readonly kind: 'broken' } {
  return { kind: 'broken', break: breakAt(seq, code, why) };
}
