// Open cases that are holds: events in, durable state, commands out. Every event of one hold is applied in order, and
// nothing follows from an event before the store has it (invariant 3). It decides nothing: advance() does.

import type { Hold } from '../hold/hold.ts';
import { advance } from '../lifecycle/advance.ts';
import { draftOf } from '../lifecycle/entry.ts';
import type { Command, LifecycleEvent } from '../lifecycle/event.ts';
import { holdOf } from '../lifecycle/state.ts';
import type { EventDraft } from '../record/event.ts';
import type { BodyWrite, RowWrite, Storage } from '../storage/storage.ts';

/** Ids of a hold's sealed bodies. */
export const requestBody = (holdId: string) => `request:${holdId}`;
export const resultBody = (holdId: string) => `result:${holdId}`;

export interface HoldCases {
  /** Writes a new hold with the events that led to it, and its request. Resolves when durable. */
  open(hold: Hold, before: readonly EventDraft[], bodies: readonly BodyWrite[]): Promise<void>;
  /** Applies one event; resolves with the hold as it is then, and whether the event changed anything. */
  apply(holdId: string, event: LifecycleEvent, bodies?: readonly BodyWrite[]): Promise<Applied>;
  get(holdId: string): Promise<Hold | null>;
}

export interface Applied {
  readonly hold: Hold | null;
  readonly changed: 'changed' | 'unchanged';
}

export interface HoldCasesDeps {
  readonly storage: Storage;
  /** Carries out what follows from a durable event. Must not wait for another event of the same hold. */
  readonly run: (commands: readonly Command[], hold: Hold) => void;
}

/** Open ones are listed and counted; an unknown outcome stays open until a human has settled it. */
export function isOpenHold(hold: Hold): boolean {
  const { kind } = hold.state;
  if (kind === 'held' || kind === 'approved' || kind === 'delayed' || kind === 'released') return true;
  return hold.state.kind === 'executed' && hold.state.outcome === 'unknown';
}

export function holdRow(hold: Hold): RowWrite {
  const { id, retryKey, state, atMs } = hold;
  return {
    table: 'hold',
    key: id,
    value: JSON.stringify(hold),
    index: { retryKey, state: state.kind, atMs, open: isOpenHold(hold) },
  };
}

function draftFor(hold: Hold, event: LifecycleEvent): EventDraft {
  const { actionId, agent, session, posture } = hold;
  return draftOf(event, { actionId, holdId: hold.id, agent, session, posture });
}

export function createHoldCases(deps: HoldCasesDeps): HoldCases {
  const { storage, run } = deps;
  const tails = new Map<string, Promise<unknown>>();

  /** One after the other per hold; a failure of one does not stop the next. */
  function inOrder<T>(holdId: string, work: () => Promise<T>): Promise<T> {
    const before = tails.get(holdId) ?? Promise.resolve();
    const mine = before.then(work, work);
    const tail = mine
      .catch(() => undefined)
      .then(() => {
        if (tails.get(holdId) === tail) tails.delete(holdId);
      });
    tails.set(holdId, tail);
    return mine;
  }

  async function get(holdId: string): Promise<Hold | null> {
    const row = await storage.row('hold', holdId);
    return row === null ? null : (JSON.parse(row) as Hold);
  }

  return {
    get,
    open: (hold, before, bodies) =>
      inOrder(hold.id, async () => {
        const event: LifecycleEvent = { kind: 'held', atMs: hold.atMs, hold };
        const step = advance({ at: 'new' }, event);
        // A hold that needs nobody is past `held` at once; the fold says so, not this file.
        const opened = holdOf(step.state) ?? hold;
        await storage.commit({ events: [...before, draftFor(hold, event)], rows: [holdRow(opened)], bodies });
        run(step.commands, opened);
      }),
    apply: (holdId, event, bodies = []) =>
      inOrder(holdId, async () => {
        const hold = await get(holdId);
        if (hold === null) return { hold: null, changed: 'unchanged' } as const;
        const step = advance({ at: 'held', hold }, event);
        const next = holdOf(step.state);
        if (next === null || next === hold) return { hold, changed: 'unchanged' } as const;
        await storage.commit({ events: [draftFor(next, event)], rows: [holdRow(next)], bodies });
        run(step.commands, next);
        return { hold: next, changed: 'changed' } as const;
      }),
  };
}
