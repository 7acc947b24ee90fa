// DESIGN section 6 "Retry key", row by row, over HTTP: what the newest hold of a request answers to the same request.
// The states are reached as they are in life (a human's signature, a provider that breaks off); only the lapse of an
// approval, which takes an hour, is written into the store as the fold writes it.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { holdRow } from '../../src/gateway/hold-cases.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { advance } from '../../src/lifecycle/advance.ts';
import { draftOf } from '../../src/lifecycle/entry.ts';
import { holdOf } from '../../src/lifecycle/state.ts';
import { type Answer, type Asked, type Bench, human, startBench } from './bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ seed: 3, delay: '1s', wait: '0s' });
});

afterEach(() => {
  bench.mood = 'answers';
});

afterAll(() => bench.close());

/** A write that is held because it destroys, but can be done more than once: each row needs its own request. */
function removal(mark: string): Asked {
  const backup = bench.fake.world().volumeInstances[0];
  const id = backup?.backups[0]?.id ?? '';
  const query = `mutation { ${mark}: volumeInstanceBackupDelete(volumeInstanceId: "${backup?.id}", volumeInstanceBackupId: "${id}") { workflowId } }`;
  return { body: JSON.stringify({ query }) };
}

async function held(asked: Asked): Promise<string> {
  const answer = await bench.call(asked);
  expect(answer.status, answer.text).toBe(423);
  return answer.holdId ?? '';
}

/** Approved and carried out, with the outcome that the provider's mood brings about. */
async function executed(asked: Asked, mood: Bench['mood'] = 'answers'): Promise<string> {
  const id = await held(asked);
  bench.mood = mood;
  await bench.approve(id);
  await bench.reaches(id, 'executed');
  return id;
}

async function opensNew(asked: Asked, before: string): Promise<Hold> {
  const id = await held(asked);
  expect(id).not.toBe(before);
  return bench.hold(id);
}

const deletionsSeen = () => bench.fake.seen().filter((call) => call.host === 'backboard.railway.app').length;

describe('the newest hold of the same request is', () => {
  it('held: the repetition joins it', async () => {
    const asked = removal('held');
    const id = await held(asked);
    expect(await held(asked)).toBe(id);
    expect((await bench.hold(id)).askedAgainMs).toBeGreaterThan((await bench.hold(id)).atMs);
    const opened = await bench.instance.control.events({ holdId: id, kinds: ['held'], limit: 10 });
    expect(opened.length).toBe(1);
  });

  it('held, and asked for by many at once: one hold', async () => {
    const asked = removal('many');
    const ids = await Promise.all([1, 2, 3, 4, 5].map(() => held(asked)));
    expect(new Set(ids).size).toBe(1);
  });

  it('approved: the repetition joins it and does not void the yes', async () => {
    const asked = removal('approved');
    const id = await held(asked);
    await bench.approve(id);
    const answer = await bench.call(asked);
    expect([answer.holdId, answer.status]).toEqual([id, 423]);
    const done = await bench.reaches(id, 'executed');
    expect(done.approvals.length).toBe(1);
  });

  it('executed: its result, once; collected: a new hold that says when and how it ran', async () => {
    const asked = removal('ran');
    const seen = deletionsSeen();
    const id = await executed(asked);
    expect(deletionsSeen()).toBe(seen + 1);
    const first: Answer = await bench.call(asked);
    expect([first.status, first.text]).toEqual([200, expect.stringMatching(/^\{"data":\{"ran":\{"workflowId":/)]);
    const again = await opensNew(asked, id);
    expect(again.before).toMatchObject({ hold: id, outcome: 'ok' });
    const page = await bench.hold(again.id);
    expect(page.before?.atMs).toBeGreaterThan(0);
    expect(deletionsSeen()).toBe(seen + 1);
  });

  it('executed, and asked for by many at once: each is answered, nothing runs twice', async () => {
    const asked = removal('crowd');
    const seen = deletionsSeen();
    const id = await executed(asked);
    const answers = await Promise.all([1, 2, 3].map(() => bench.call(asked)));
    expect(answers.filter((each) => each.status === 200).length).toBeGreaterThan(0);
    for (const each of answers.filter(({ status }) => status !== 200)) {
      expect(each.status).toBe(423);
      expect(each.holdId).not.toBe(id);
    }
    expect(deletionsSeen()).toBe(seen + 1);
  });

  it('denied: the same 403 and no new hold', async () => {
    const asked = removal('denied');
    const id = await held(asked);
    await bench.instance.control.deny(id, human);
    const count = (await bench.instance.control.holds({ open: false, limit: 1000 })).length;
    const answers = [await bench.call(asked), await bench.call(asked)];
    for (const each of answers) {
      expect(each.status).toBe(403);
      expect(each.text).toContain(id);
      expect(each.text).toContain('denied-by-human');
    }
    expect((await bench.instance.control.holds({ open: false, limit: 1000 })).length).toBe(count);
  });

  it.each([
    ['happened', 'settled as happened'],
    ['not-happened', null],
  ] as const)('unknown: 409 until a human has settled it as %s, then a new hold', async (happened, before) => {
    const asked = removal(`unknown_${happened.replace('-', '_')}`);
    const id = await executed(asked, 'breaks');
    expect((await bench.hold(id)).state).toMatchObject({ outcome: 'unknown' });
    bench.mood = 'answers';
    const seen = deletionsSeen();
    for (const answer of [await bench.call(asked), await bench.call(asked)]) {
      expect(answer.status).toBe(409);
      expect(answer.headers['retry-after']).toBeDefined();
      expect(answer.text).toContain(`holdpoint hold settle ${id}`);
    }
    await bench.settle(id, happened);
    const again = await opensNew(asked, id);
    expect(again.before?.outcome ?? null).toBe(before);
    expect(deletionsSeen()).toBe(seen);
  });

  it('failed, not one byte written: a new hold', async () => {
    const asked = removal('failed');
    const id = await executed(asked, 'refuses');
    expect((await bench.hold(id)).state).toMatchObject({ outcome: 'failed' });
    bench.mood = 'answers';
    expect((await opensNew(asked, id)).before).toBeNull();
  });

  it('cancelled: a new hold', async () => {
    const asked = removal('cancelled');
    const id = await held(asked);
    await bench.approve(id);
    await bench.instance.control.cancel(id, human);
    await bench.reaches(id, 'cancelled');
    const seen = deletionsSeen();
    expect((await opensNew(asked, id)).before).toBeNull();
    // Past the delay of the cancelled one: it stays cancelled.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([(await bench.hold(id)).state.kind, deletionsSeen()]).toEqual(['cancelled', seen]);
  });

  it('lapsed: a new hold', async () => {
    const asked = removal('lapsed');
    const id = await held(asked);
    await bench.approve(id);
    const hold = await bench.hold(id);
    const event = { kind: 'lapsed', atMs: hold.atMs + 2 * 60 * 60_000 } as const;
    const lapsed = holdOf(advance({ at: 'held', hold }, event).state);
    if (lapsed === null) throw new Error('the hold is gone');
    expect(lapsed.state.kind).toBe('lapsed');
    const { actionId, agent, session, posture } = hold;
    const draft = draftOf(event, { actionId, holdId: id, agent, session, posture });
    await bench.instance.tapped.storage.commit({ events: [draft], rows: [holdRow(lapsed)] });
    expect((await opensNew(asked, id)).before).toBeNull();
  });
});

describe('the same request is', () => {
  const volatile: readonly (readonly [string, string, string])[] = [
    ['date', 'Fri, 24 Apr 2026 12:00:00 GMT', 'Fri, 24 Apr 2026 12:00:31 GMT'],
    ['user-agent', 'curl/8.0', 'curl/8.1'],
    ['traceparent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`],
    ['x-request-id', 'one', 'two'],
    ['x-amzn-trace-id', 'Root=1-1', 'Root=1-2'],
    ['sentry-trace', 'a-1', 'b-1'],
    ['holdpoint-reason', 'tidying up', 'really tidying up'],
  ];

  it.each(volatile)('the same whatever %s says', async (name, one, other) => {
    const asked = removal(`volatile_${name.replaceAll('-', '_')}`);
    const id = await held({ ...asked, headers: { [name]: one } });
    expect(await held({ ...asked, headers: { [name]: other } })).toBe(id);
    expect(await held(asked)).toBe(id);
  });

  it.each([
    ['x-team', 'a', 'b'],
    ['idempotency-key', '1', '2'],
    ['accept', 'application/json', '*/*'],
    ['content-type', 'application/json', 'application/json; charset=utf-8'],
    ['accept-language', 'de', 'en'],
    ['if-match', '"1"', '"2"'],
  ])('another one when %s differs', async (name, one, other) => {
    const asked = removal(`other_${name.replaceAll('-', '_')}`);
    const id = await held({ ...asked, headers: { [name]: one } });
    expect(await held({ ...asked, headers: { [name]: other } })).not.toBe(id);
    expect(await held({ ...asked, headers: { [name]: one } })).toBe(id);
  });

  it('another one when one byte of the body differs', async () => {
    const asked = removal('bytes');
    const id = await held(asked);
    expect(await held({ body: `${asked.body} ` })).not.toBe(id);
  });

  function multipart(boundary: string, text: string): Asked {
    const disposition = 'Content-Disposition: form-data; name="operations"';
    const body = `--${boundary}\r\n${disposition}\r\n\r\n${text}\r\n--${boundary}--\r\n`;
    return { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
  }

  it('the same with another multipart boundary, another one with another part', async () => {
    const text = String(removal('parts').body);
    const id = await held(multipart('----aaaa1111', text));
    expect(await held(multipart('----bbbb2222', text))).toBe(id);
    expect(await held(multipart('----aaaa1111', text.replace('parts', 'other')))).not.toBe(id);
  });
});

describe('afterwards', () => {
  it('the gateway met no fault of its own', () => {
    const expected = /upstream-(not-reached|broken)|did not arrive whole|not reached/;
    expect(bench.faults.filter((text) => !expected.test(text))).toEqual([]);
  });
});
