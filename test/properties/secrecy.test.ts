// Invariant 7: no real credential can be read from an action, the journal, a log, an answer or the control port. Random
// requests through a whole instance, to an upstream that gives the injected secret back in whatever spelling, place,
// packing and pieces it likes; agents that bring credentials of their own. Then everything is searched.

import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { routes } from '../../src/console/server/routes.ts';
import { homeAt } from '../../src/platform/home.ts';
import {
  type Attempt,
  hostileHost,
  placeholder,
  type Reply,
  send,
  startTarget,
  type Target,
} from '../bypass/target.ts';
import { until } from '../e2e/processes.ts';
import { type Counts, count } from './counts.ts';
import { everySpelling, leakSearch, type Spelling, spellings } from './leak-search.ts';
import { enrolSigner, type Yes } from './signer.ts';

/** Every character here is one that some spelling escapes; put together at run time. */
const secret = ['Zq7', '"/+', '\\%~', "k'(4", '9cX=', '&w!e', 'Rt<0>', 'vB#81'].join('j');
/** What an agent may have found lying about. */
const strays = [['ghp', 'x7Q'.repeat(12)].join('_'), ['sk_live', 'h4T9'.repeat(7)].join('_')] as const;
const searches = [secret, ...strays].map((each) => leakSearch(each));
const found = (bytes: string | Buffer) => searches.map((search) => search(bytes)).find((each) => each !== null) ?? null;

let target: Target;
let yes: Yes;
const written: string[] = [];

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  target = await startTarget({ delay: '1ms' });
  yes = await enrolSigner(target.instance);
  await target.instance.credentials.vault.put('railway', secret);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await target.close();
});

const packings = {
  identity: (body: Buffer) => body,
  gzip: (body: Buffer) => gzipSync(body),
  br: (body: Buffer) => brotliCompressSync(body),
  deflate: (body: Buffer) => deflateSync(body),
  zstd: (body: Buffer) => zstdCompressSync(body),
} as const;

interface Echo {
  readonly spelling: Spelling;
  readonly around: string;
  readonly place: 'body' | 'header' | 'status line' | 'trailer' | 'early hint';
  readonly packing: keyof typeof packings;
  readonly before: string;
  readonly times: number;
  /** Sizes of the pieces, used in turn; 0: one piece. */
  readonly pieces: readonly number[];
  readonly status: number;
}

const echo: fc.Arbitrary<Echo> = fc.record({
  spelling: fc.constantFrom(...everySpelling),
  around: fc.string({ minLength: 0, maxLength: 4 }),
  place: fc.constantFrom('body', 'body', 'body', 'header', 'status line', 'trailer', 'early hint'),
  packing: fc.constantFrom(...(Object.keys(packings) as [keyof typeof packings])),
  before: fc.string({ maxLength: 30 }),
  times: fc.integer({ min: 1, max: 3 }),
  pieces: fc.oneof(fc.constant([0]), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })),
  status: fc.constantFrom(200, 200, 404, 302, 503),
});

async function writePieces(response: ServerResponse, body: Buffer, pieces: readonly number[]): Promise<void> {
  let at = 0;
  for (let turn = 0; at < body.length; turn += 1) {
    const size = pieces[turn % pieces.length] ?? 0;
    const end = size === 0 ? body.length : at + size;
    response.write(body.subarray(at, end));
    at = end;
    // Each piece its own write to the socket for a while; all of them would take too long.
    if (turn < 24) await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

function answerWith({ spelling, around, place, packing, before, times, pieces, status }: Echo): void {
  target.answerWith((request, response) => {
    // Node itself refuses to announce a trailer where there is no body.
    const trails = place === 'trailer' && request.method !== 'HEAD';
    const leaked = spellings[spelling](secret, around);
    const one = place === 'body' ? `${before}${leaked}` : before;
    if (place === 'early hint') response.writeEarlyHints({ link: '</a>; rel=preload', 'x-hint': leaked });
    const headers = {
      'content-encoding': packing,
      ...(trails ? { trailer: 'x-after' } : {}),
      ...(place === 'header' ? { 'x-echo': leaked, location: `/?t=${leaked}` } : {}),
    };
    response.writeHead(status, place === 'status line' ? leaked : 'Whatever', headers);
    if (trails) response.addTrailers({ 'x-after': leaked });
    void writePieces(response, packings[packing](Buffer.from(one.repeat(times))), pieces);
  });
}

/** The body without the marks of chunked framing, and the whole as it came: a leak may lie in either. */
function looked(reply: Reply): void {
  expect(found(reply.text), 'as it came').toBeNull();
  expect(found(reply.text.replaceAll(/\r\n[0-9a-f]+\r\n/g, '')), 'put together').toBeNull();
}

function shows(reply: Reply): boolean {
  return reply.text.replaceAll(/\r\n[0-9a-f]+\r\n/g, '').includes(placeholder);
}

const ask = (attempt: Attempt) => send(target, { ...attempt, host: hostileHost });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((each) => Buffer.from(each).toString('base64'));

async function everywhere(): Promise<void> {
  const home = homeAt(join(target.root, 'home'));
  const token = readFileSync(home.controlTokenFile, 'utf8').trim();
  const holds = await target.instance.control.holds({ open: false, limit: 1_000 });
  const gets = routes.filter((each) => each.method === 'GET' && each.answer !== 'event-stream');
  const paths = gets.flatMap(({ path }) =>
    path.includes(':id') ? holds.map(({ id }) => path.replace(':id', id)) : [path],
  );
  for (const path of [...paths, '/api/holds?open=0&limit=1000', '/api/events?limit=1000', '/api/events?from=newest']) {
    const answer = await fetch(`http://127.0.0.1:${target.instance.controlPort}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status, path).toBe(200);
    expect(found(await answer.text()), path).toBeNull();
  }
  const files = readdirSync(home.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const entry of files) {
    const file = join(entry.parentPath, entry.name);
    expect(found(readFileSync(file)), file).toBeNull();
  }
  const { storage } = target.instance.tapped;
  for (const table of ['hold', 'system', 'queue'] as const)
    expect(found(JSON.stringify(await storage.rows(table))), table).toBeNull();
  expect(found(target.faults.join('\n')), 'faults').toBeNull();
  expect(found(written.join('')), 'printed').toBeNull();
}

describe('the search', () => {
  it.each(everySpelling)('finds a secret spelt as %s', (spelling) => {
    for (const around of ['', 'a', 'ab', 'abc']) {
      for (const each of [secret, ...strays]) expect(found(`x${spellings[spelling](each, around)}y`)).not.toBeNull();
    }
    expect(found(`${placeholder} and nothing else`)).toBeNull();
  });
});

describe('the real credential', () => {
  it('is in no answer to a read, however the provider gives it back', async () => {
    const counts: Counts = new Map();
    const run = fc.asyncProperty(echo, fc.constantFrom('GET', 'HEAD'), async (given, method) => {
      target.arrived.splice(0);
      answerWith(given);
      const reply = await ask({ method, path: '/v1/ping' });
      looked(reply);
      // The provider did have it: what is tested is the way back.
      if (target.arrived.join('\n').includes(`Bearer ${secret}`)) count(counts, 'injected');
      if (shows(reply)) for (const what of ['masked', given.spelling, given.place, given.packing]) count(counts, what);
      count(counts, `asked ${given.place}`);
    });
    await fc.assert(run, { numRuns: 150, seed: 7, endOnFailure: true });
    expect(counts.get('injected')).toBe(150);
    for (const what of ['masked', 'body', 'header', 'asked trailer', 'asked early hint', 'asked status line'])
      expect(counts.get(what) ?? 0, what).toBeGreaterThan(5);
    for (const what of [...everySpelling, ...Object.keys(packings)])
      expect(counts.get(what) ?? 0, what).toBeGreaterThan(0);
  });

  it('is in no result of a hold, and in nothing that a hold is made of', async () => {
    const counts: Counts = new Map();
    const run = fc.asyncProperty(echo, bytes, fc.constantFrom(...strays), async (given, body, stray) => {
      answerWith(given);
      const claim = ['Holdpoint-Reason', `found ${stray} and tried it`] as const;
      const attempt: Attempt = { method: 'DELETE', path: `/v2/volumes/${body.length}`, body, headers: [claim] };
      const first = await ask(attempt);
      looked(first);
      const [hold] = await target.instance.control.holds({ open: true, limit: 1 });
      if (hold === undefined) return count(counts, `not held ${first.statuses[0]}`);
      await yes.approve(hold);
      const ended = await until(async () => {
        const now = await target.instance.control.hold(hold.id);
        return now?.state.kind === 'executed' ? now : null;
      });
      const collected = await ask(attempt);
      looked(collected);
      if (shows(collected)) count(counts, 'masked');
      if (ended.claimed !== null) count(counts, 'claim kept');
      count(counts, 'executed');
      // An unknown outcome waits for a human, and would be found as the newest open hold next time.
      if (ended.state.kind === 'executed' && ended.state.outcome === 'unknown') await yes.settle(ended);
    });
    await fc.assert(run, { numRuns: 30, seed: 8, endOnFailure: true });
    expect(counts.get('executed')).toBeGreaterThan(18);
    expect(counts.get('masked')).toBeGreaterThan(4);
    expect(counts.get('claim kept')).toBeGreaterThan(18);
  });

  it('is in no refusal of one that an agent brings itself', async () => {
    const counts: Counts = new Map();
    type Place = readonly [where: string, attempt: (literal: string) => Attempt];
    const slots: readonly Place[] = [
      ['bearer', (literal) => ({ headers: [['Authorization', `Bearer ${literal}`]] })],
      ['basic', (literal) => ({ headers: [['Authorization', `Basic ${spellings.base64(`u:${literal}`)}`]] })],
      ['other slot', (literal) => ({ headers: [['Project-Access-Token', literal]] })],
      ['no scheme', (literal) => ({ headers: [['Authorization', literal]] })],
    ];
    const elsewhere: readonly Place[] = [
      ['path', (literal) => ({ path: `/v1/${literal}` })],
      ['query', (literal) => ({ path: `/v1/x?token=${encodeURIComponent(literal)}` })],
      ['body', (literal) => ({ method: 'POST', body: JSON.stringify({ query: `{ a(t: "${literal}") }` }) })],
      ['header', (literal) => ({ headers: [['X-Note', `see ${literal}`]] })],
      ['cookie', (literal) => ({ headers: [['Cookie', `a=1; session=${literal}`]] })],
    ];
    const brought = fc.oneof(
      fc.tuple(fc.constantFrom(...slots), fc.constantFrom(secret, ...strays)),
      fc.tuple(fc.constantFrom(...elsewhere), fc.constantFrom(...strays)),
    );
    const run = fc.asyncProperty(brought, async ([[where, attempt], literal]) => {
      target.arrived.splice(0);
      const reply = await ask({ method: 'GET', path: '/v1/ping', ...attempt(literal) });
      looked(reply);
      expect(reply.statuses, where).toEqual([403]);
      expect(target.arrived).toEqual([]);
      count(counts, where);
    });
    await fc.assert(run, { numRuns: 80, seed: 9, endOnFailure: true });
    for (const [where] of [...slots, ...elsewhere]) expect(counts.get(where) ?? 0, where).toBeGreaterThan(2);
    const strayEvents = await target.instance.control.events({ kinds: ['stray-found'], limit: 1_000 });
    expect(strayEvents.length).toBeGreaterThan(50);
  });

  it('is in no file, row, event, page of the control port, fault or line printed', async () => {
    await everywhere();
    expect((await target.instance.control.holds({ open: false, limit: 1_000 })).length).toBeGreaterThan(18);
  });
});
