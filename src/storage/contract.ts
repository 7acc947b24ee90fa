// The storage port's contract as one suite, run on every implementation from its own test file. It uses the port alone:
// what needs a file, a lock or a full disk is the implementation's own test.
// `open(reopen)` with the handle of an earlier storage opens the same store again.

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventDraft, SealedEvent } from '../record/event.ts';
import { chainOf, genesis, leafOf, textOfSealed } from '../record/seal.ts';
import type { RowWrite, Storage } from './storage.ts';

/** Opens a new, empty store, or the one named by `place` again after it was closed. */
export type OpenStore = (place: string | null) => Promise<{ readonly storage: Storage; readonly place: string }>;

export function draftOf(parts: Partial<EventDraft> = {}): EventDraft {
  const none = { actionId: null, holdId: null, agent: null, session: null, posture: null };
  return { kind: 'requested', atMs: 1_700_000_000_000, ...none, data: {}, ...parts };
}

export function holdRow(key: string, parts: Partial<NonNullable<RowWrite['index']>> = {}): RowWrite {
  const index = { retryKey: `retry-${key}`, state: 'held', atMs: 1, open: true, ...parts };
  return { table: 'hold', key, value: JSON.stringify({ id: key, state: index.state }), index };
}

export function storageContract(name: string, open: OpenStore): void {
  const opened: Storage[] = [];
  const start = async (place: string | null = null) => {
    const store = await open(place);
    opened.push(store.storage);
    return store;
  };
  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage.close();
  });
  const idOf = (text: string) => (JSON.parse(text) as { readonly id: string }).id;

  describe(`storage contract: ${name}`, () => {
    journalContract(start);
    rowContract(start);
    holdContract(start, idOf);
    modelContract(start);
  });
}

type Start = (place?: string | null) => Promise<{ readonly storage: Storage; readonly place: string }>;

function expectChained(events: readonly SealedEvent[]): void {
  let previous = genesis;
  for (const [index, event] of events.entries()) {
    expect(event.seq).toBe(index + 1);
    expect(event.leaf).toBe(leafOf(textOfSealed(event)));
    expect(event.chain).toBe(chainOf(previous, event.leaf));
    previous = event.chain;
  }
}

function journalContract(start: Start): void {
  it('begins empty', async () => {
    const { storage } = await start();
    expect(await storage.head()).toMatchObject({ seq: 0, chain: genesis });
    expect(await storage.events({ limit: 10 })).toEqual([]);
    expect(storage.writable).toBe(true);
  });

  it('returns what it sealed, and reads back the same', async () => {
    const { storage } = await start();
    const data = { text: 'é "quoted" \u0000 \u2028 😀', list: [1, null, { b: 2, a: 1 }] };
    const sealed = await storage.commit({ events: [draftOf({ data, agent: 'claude' }), draftOf({ kind: 'decided' })] });
    expect(await storage.events({ limit: 10 })).toEqual(sealed);
    expect(sealed.map((event) => event.kind)).toEqual(['requested', 'decided']);
    expectChained(sealed);
    expect(await storage.head()).toMatchObject({ seq: 2, chain: sealed[1]?.chain });
  });

  it('gives seq in the order in which commits resolve, without gaps, under many writers', async () => {
    const { storage } = await start();
    const order: number[] = [];
    const write = async (writer: number) => {
      for (let round = 0; round < 20; round += 1) {
        const events = [draftOf({ agent: `a${writer}` }), draftOf({ agent: `a${writer}` })];
        const sealed = await storage.commit({ events });
        expect(sealed[1]?.seq).toBe((sealed[0]?.seq ?? 0) + 1);
        order.push(...sealed.map(({ seq }) => seq));
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
    expect(order).toEqual(Array.from({ length: 640 }, (_, index) => index + 1));
    expectChained(await storage.events({ limit: 1000 }));
  });

  it('refuses an event that canonical JSON does not define, alone', async () => {
    const { storage } = await start();
    const bad = storage.commit({ events: [draftOf({ data: { text: '\ud800' } })], rows: [holdRow('x')] });
    const good = storage.commit({ events: [draftOf()] });
    await expect(bad).rejects.toThrow(TypeError);
    expect((await good)[0]?.seq).toBe(1);
    expect(await storage.row('hold', 'x')).toBeNull();
    expect(storage.writable).toBe(true);
  });

  it('finds events by each of their marks, from either end', async () => {
    const { storage } = await start();
    const events = Array.from({ length: 30 }, (_, i) =>
      draftOf({
        kind: i % 2 === 0 ? 'requested' : 'decided',
        atMs: 1000 + i,
        actionId: `act_${i % 3}`,
        holdId: i % 5 === 0 ? 'hold_1' : null,
        agent: i < 10 ? 'a' : 'b',
      }),
    );
    await storage.commit({ events });
    const seqs = async (query: object) => (await storage.events({ limit: 100, ...query })).map(({ seq }) => seq);
    expect(await seqs({ holdId: 'hold_1' })).toEqual([1, 6, 11, 16, 21, 26]);
    expect(await seqs({ actionId: 'act_1', afterSeq: 20 })).toEqual([23, 26, 29]);
    expect(await seqs({ agent: 'a', kinds: ['decided'] })).toEqual([2, 4, 6, 8, 10]);
    expect(await seqs({ kinds: ['decided', 'requested'], beforeSeq: 4 })).toEqual([1, 2, 3]);
    expect(await seqs({ sinceMs: 1027 })).toEqual([28, 29, 30]);
    expect(await seqs({ from: 'newest', limit: 3 })).toEqual([28, 29, 30]);
    expect(await seqs({ from: 'oldest', limit: 2 })).toEqual([1, 2]);
    expect(await seqs({ kinds: [] })).toEqual([]);
    expect(await seqs({ limit: -1 })).toEqual([]);
  });

  it('goes on where it ended after it was opened again', async () => {
    const first = await start();
    await first.storage.commit({ events: [draftOf(), draftOf()], rows: [holdRow('h')] });
    await first.storage.close();
    const { storage } = await start(first.place);
    expect(await storage.head()).toMatchObject({ seq: 2 });
    await storage.commit({ events: [draftOf()] });
    expectChained(await storage.events({ limit: 10 }));
    expect(await storage.row('hold', 'h')).toContain('"h"');
  });

  it('finishes what was submitted before close, and refuses what comes after', async () => {
    const { storage, place } = await start();
    const before = [1, 2, 3].map(() => storage.commit({ events: [draftOf()] }));
    const closed = storage.close();
    await expect(storage.commit({ events: [draftOf()] })).rejects.toMatchObject({ code: 'journal-unwritable' });
    await closed;
    expect((await Promise.all(before)).flat().map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await expect(storage.head()).rejects.toMatchObject({ code: 'journal-unwritable' });
    const again = await start(place);
    expect(await again.storage.head()).toMatchObject({ seq: 3 });
  });
}

function rowContract(start: Start): void {
  it.each(['hold', 'system', 'queue'] as const)('keeps, replaces and deletes rows of %s', async (table) => {
    const { storage } = await start();
    const index = { retryKey: 'r', state: 'held', atMs: 1, open: true };
    const write = (key: string, value: string | null) =>
      storage.commit({ events: [], rows: [{ table, key, value, index }] });
    await write('b', '1');
    await write('a', '2');
    await write('b', '3');
    // The same write again changes nothing (invariant 6).
    await write('b', '3');
    expect(await storage.rows(table)).toEqual([
      { key: 'a', value: '2' },
      { key: 'b', value: '3' },
    ]);
    await write('a', null);
    await write('a', null);
    expect(await storage.row(table, 'a')).toBeNull();
    expect(await storage.row(table, 'b')).toBe('3');
  });

  it('keeps bodies as the bytes they are, and deletes them', async () => {
    const { storage } = await start();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
    await storage.commit({ events: [], bodies: [{ id: 'r1', bytes }] });
    await storage.commit({ events: [], bodies: [{ id: 'r2', bytes: new Uint8Array(0) }] });
    expect(Buffer.from((await storage.body('r1')) ?? []).equals(bytes)).toBe(true);
    expect((await storage.body('r2'))?.length).toBe(0);
    await storage.commit({ events: [], bodies: [{ id: 'r1', bytes: null }] });
    expect(await storage.body('r1')).toBeNull();
  });

  it('writes a change whole or not at all, and spares the others of its batch', async () => {
    const { storage } = await start();
    const noIndex: RowWrite = { table: 'hold', key: 'h', value: '{}' };
    const bodies = [{ id: 'b', bytes: new Uint8Array([1]) }];
    const rows: readonly RowWrite[] = [{ table: 'system', key: 's', value: '1' }, noIndex];
    const [before, bad, after] = await Promise.allSettled([
      storage.commit({ events: [draftOf()] }),
      storage.commit({ events: [draftOf(), draftOf()], rows, bodies }),
      storage.commit({ events: [draftOf()] }),
    ]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'journal-change-refused' } });
    expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(await storage.row('system', 's')).toBeNull();
    expect(await storage.body('b')).toBeNull();
    expectChained(await storage.events({ limit: 10 }));
    expect(await storage.head()).toMatchObject({ seq: 2 });
    expect(storage.writable).toBe(true);
  });
}

function holdContract(start: Start, idOf: (text: string) => string): void {
  it('finds the newest hold of a retry key; of equal times the later one', async () => {
    const { storage } = await start();
    await storage.commit({
      events: [],
      rows: [
        holdRow('old', { retryKey: 'k', atMs: 5 }),
        holdRow('new', { retryKey: 'k', atMs: 9 }),
        holdRow('tie', { retryKey: 'k', atMs: 9 }),
        holdRow('other', { retryKey: 'l', atMs: 99 }),
      ],
    });
    // A later write to an older hold does not make it newer.
    await storage.commit({
      events: [],
      rows: [holdRow('old', { retryKey: 'k', atMs: 5, state: 'denied', open: false })],
    });
    expect(idOf((await storage.newestHold('k')) ?? '{}')).toBe('tie');
    expect(await storage.newestHold('nobody')).toBeNull();
  });

  it('lists holds newest first, by openness, state and time', async () => {
    const { storage } = await start();
    const rows = Array.from({ length: 20 }, (_, i) =>
      holdRow(`h${i}`, { atMs: i, open: i % 2 === 0, state: i % 3 === 0 ? 'held' : 'approved' }),
    );
    await storage.commit({ events: [], rows });
    const ids = async (query: object) => (await storage.holds({ limit: 4, ...query })).map(idOf);
    expect(await ids({ open: true })).toEqual(['h18', 'h16', 'h14', 'h12']);
    expect(await ids({ open: false, beforeMs: 6 })).toEqual(['h5', 'h3', 'h1']);
    expect(await ids({ states: ['held'], limit: 2 })).toEqual(['h18', 'h15']);
    expect(await ids({ open: true, states: ['approved'], beforeMs: 12 })).toEqual(['h10', 'h8', 'h4', 'h2']);
    expect(await ids({ states: [] })).toEqual([]);
  });

  it('counts open holds, and finds holds by the beginning of their key', async () => {
    const { storage } = await start();
    expect(await storage.openHoldCount()).toBe(0);
    const open = ['hold_ab1', 'hold_ab2', 'hold_b%', 'holdx'];
    await storage.commit({
      events: [],
      rows: [...open.map((key) => holdRow(key)), holdRow('hold_ab3', { open: false })],
    });
    expect(await storage.openHoldCount()).toBe(4);
    const ids = async (keyPrefix: string) =>
      (await storage.holds({ open: true, keyPrefix, limit: 9 })).map(idOf).toSorted();
    expect(await ids('hold_ab')).toEqual(['hold_ab1', 'hold_ab2']);
    expect(await ids('hold_ab2')).toEqual(['hold_ab2']);
    expect(await ids('hold_%')).toEqual([]);
    expect(await ids('_')).toEqual([]);
    expect(await ids('')).toEqual(open);
    await storage.commit({ events: [], rows: [holdRow('hold_ab1', { open: false, state: 'denied' })] });
    expect(await storage.openHoldCount()).toBe(3);
    expect(await ids('hold_ab')).toEqual(['hold_ab2']);
  });

  it('moves a hold out of the open ones, and keeps its marks when only its value is written', async () => {
    const { storage } = await start();
    await storage.commit({ events: [], rows: [holdRow('h', { retryKey: 'k', atMs: 3 })] });
    await storage.commit({ events: [], rows: [{ table: 'hold', key: 'h', value: '{"id":"h","seen":1}' }] });
    expect(await storage.holds({ open: true, limit: 5 })).toEqual(['{"id":"h","seen":1}']);
    await storage.commit({
      events: [],
      rows: [holdRow('h', { retryKey: 'k', atMs: 3, open: false, state: 'executed' })],
    });
    expect(await storage.holds({ open: true, limit: 5 })).toEqual([]);
    expect((await storage.holds({ states: ['executed'], limit: 5 })).map(idOf)).toEqual(['h']);
  });
}

const key = fc.constantFrom('a', 'b', 'c');
const anyChange = fc.record({
  events: fc.integer({ min: 0, max: 3 }),
  rows: fc.array(fc.tuple(fc.constantFrom('hold', 'system', 'queue'), key, fc.option(fc.string())), { maxLength: 3 }),
  bodies: fc.array(fc.tuple(key, fc.option(fc.uint8Array({ maxLength: 50 }))), { maxLength: 2 }),
  /** Submitted with a row that no store can take. */
  impossible: fc.boolean(),
});
type ModelChange = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;

function modelContract(start: Start): void {
  it('ends as a list of changes applied one after the other would, however they are submitted', async () => {
    let changes = 0;
    let refused = 0;
    const run = async (list: readonly ModelChange[]) => {
      const { storage, place } = await start();
      const model = new Map<string, string>();
      let events = 0;
      const submitted = list.map(({ events: count, rows, bodies, impossible }) => {
        const index = { retryKey: 'r', state: 'held', atMs: 1, open: true };
        const rowWrites: RowWrite[] = rows.map(([table, name, value]) => ({ table, key: name, value, index }));
        const bodyWrites = bodies.map(([id, bytes]) => ({ id, bytes }));
        if (impossible) rowWrites.push({ table: 'hold', key: 'no-index', value: '{}' });
        else {
          events += count;
          for (const [table, name, value] of rows) model.set(`${table} ${name}`, JSON.stringify(value));
          for (const [id, bytes] of bodies) model.set(`body ${id}`, JSON.stringify(bytes && [...bytes]));
        }
        changes += 1;
        const drafts = Array.from({ length: count }, () => draftOf());
        return storage.commit({ events: drafts, rows: rowWrites, bodies: bodyWrites });
      });
      const outcomes = await Promise.allSettled(submitted);
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(list.map(({ impossible }) => impossible));
      refused += outcomes.filter(({ status }) => status === 'rejected').length;
      await storage.close();
      const again = (await start(place)).storage;
      for (const [name, expected] of model) {
        const [table, id] = name.split(' ') as [RowWrite['table'] | 'body', string];
        const body = table === 'body' ? await again.body(id) : null;
        const found = table === 'body' ? body && [...body] : await again.row(table, id);
        expect(JSON.stringify(found), name).toBe(expected);
      }
      const sealed = await again.events({ limit: 1000 });
      expect(sealed).toHaveLength(events);
      expectChained(sealed);
    };
    await fc.assert(fc.asyncProperty(fc.array(anyChange, { minLength: 4, maxLength: 12 }), run), { numRuns: 10 });
    // The property must have met both kinds, or it has shown nothing.
    expect(changes).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(5);
  });

  it('keeps 10,000 open holds over a restart', async () => {
    const { storage, place } = await start();
    const rows = Array.from({ length: 10_000 }, (_, i) => holdRow(`h${i}`, { atMs: i }));
    for (let from = 0; from < rows.length; from += 1000) {
      await storage.commit({ events: [draftOf()], rows: rows.slice(from, from + 1000) });
    }
    const listed = await storage.holds({ open: true, limit: 20_000 });
    expect(listed).toHaveLength(10_000);
    await storage.close();
    const again = (await start(place)).storage;
    expect(await again.holds({ open: true, limit: 20_000 })).toEqual(listed);
    expect(await again.newestHold('retry-h4711')).toContain('"h4711"');
  });
}
