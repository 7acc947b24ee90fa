import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../record/change-log.ts';
import type { EventDraft, SealedEvent } from '../record/event.ts';
import { genesis, seal } from '../record/seal.ts';
import type { EventQuery } from '../storage/storage.ts';
import { followChangeLog } from './change-log-follow.ts';

function journal() {
  const events: SealedEvent[] = [];
  return {
    events,
    add(kind: EventDraft['kind'], data: EventDraft['data'] = {}, holdId: string | null = null): SealedEvent {
      const none = { session: null, posture: null, atMs: 1000 + events.length, agent: 'claude' };
      const draft = { kind, data, actionId: 'act_1', holdId, ...none };
      const event = seal(events.at(-1)?.chain ?? genesis, draft, events.length + 1, 'test');
      events.push(event);
      return event;
    },
    async read(query: EventQuery): Promise<readonly SealedEvent[]> {
      const found = events.filter(
        (event) =>
          event.seq > (query.afterSeq ?? 0) &&
          event.seq < (query.beforeSeq ?? Number.POSITIVE_INFINITY) &&
          (query.actionId === undefined || event.actionId === query.actionId) &&
          (query.holdId === undefined || event.holdId === query.holdId),
      );
      return query.from === 'newest' ? found.slice(-query.limit) : found.slice(0, query.limit);
    },
  };
}

const hold = (store: ReturnType<typeof journal>) => [
  store.add('requested', { asked: 'fix staging', method: 'POST', host: 'api.example' }),
  store.add('classified', { operation: 'volumeDelete', effect: 'destructive', recovery: 'unknown' }),
  store.add('held', {}, 'hold_1'),
];

describe('followChangeLog', () => {
  it('tells the whole story also when it began before the start', async () => {
    const store = journal();
    hold(store);
    const written: LogEntry[] = [];
    const write = async (entries: readonly LogEntry[]) => void written.push(...entries);
    const following = followChangeLog({ events: store.read, write, failed: () => {} });
    following.take(store.add('denied', { by: 'ada' }, 'hold_1'));
    await following.settled();
    expect(written.map(({ outcome }) => outcome)).toEqual(['denied']);
    expect(Object.fromEntries(written[0]?.lines ?? [])).toMatchObject({
      asked: 'fix staging',
      action: 'volumeDelete',
      'decided by': 'ada',
    });
  });

  it('catches up with what a crash left unwritten, once', async () => {
    const store = journal();
    for (let i = 0; i < 1500; i += 1) store.add('requested');
    const events = hold(store);
    const written: LogEntry[] = [];
    const write = async (entries: readonly LogEntry[]) => void written.push(...entries);
    const following = followChangeLog({ events: store.read, write, failed: () => {} });
    following.catchUp(0);
    for (const event of events) following.take(event);
    await following.settled();
    expect(written.map(({ seq }) => seq)).toEqual([1503]);
  });

  it('keeps an entry that could not be written, and writes it with the next', async () => {
    const store = journal();
    const events = hold(store);
    const written: LogEntry[] = [];
    const failures: unknown[] = [];
    let broken = true;
    const write = async (entries: readonly LogEntry[]) => {
      if (broken) throw new Error('full');
      written.push(...entries);
    };
    const following = followChangeLog({ events: store.read, write, failed: (error) => failures.push(error) });
    for (const event of events) following.take(event);
    await following.settled();
    expect(failures).toHaveLength(1);
    broken = false;
    following.take(store.add('cancelled', { by: 'ada' }, 'hold_1'));
    await following.settled();
    expect(written.map(({ outcome }) => outcome)).toEqual(['on hold', 'cancelled']);
  });
});
