// Invariant 10: what was classified, digested, stored and sent is one thing, but for the declared place of a credential.
// Random requests through a whole instance; what leaves it is read off the wire below HTTP and compared with what the
// client wrote. The clients here write bytes themselves, so that no library straightens anything.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingRequest } from '../../src/action/request.ts';
import { grantDigest } from '../../src/authorize/digests.ts';
import { loadReader, type Reader } from '../../src/classify/reader.ts';
import { requestBody } from '../../src/gateway/hold-cases.ts';
import { decodeRequest } from '../../src/gateway/result.ts';
import { holdDigest } from '../../src/hold/digest.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { pages } from '../../src/providers/pages.ts';
import { type Attempt, hostileHost, placeholder, send, startTarget, type Target } from '../bypass/target.ts';
import { until } from '../e2e/processes.ts';
import { type Counts, count } from './counts.ts';
import { enrolSigner, type Yes } from './signer.ts';

let target: Target;
let yes: Yes;
let reader: Reader;

beforeAll(async () => {
  reader = await loadReader(pages);
  target = await startTarget({ delay: '1ms' });
  yes = await enrolSigner(target.instance);
  target.answerWith((_request, response) => response.end('{"data":{"done":true}}'));
});
afterAll(() => target.close());

type Lines = readonly (readonly [name: string, value: string])[];

/** Names and values as clients spell them: cases, spaces inside, empty, repeated, bytes above ASCII. */
const extraHeader = fc.tuple(
  fc.constantFrom('X-Trace', 'x-trace', 'ACCEPT', 'User-Agent', 'X-Empty', 'Accept-Language', 'If-Match', 'x_under'),
  fc.constantFrom('a', '', 'A  b', '*/*', '"quoted, comma"', 'caf\u00e9', 'x;q=0.1, y', '%7B%7D', "it's"),
);
const pathTail = fc
  .array(fc.constantFrom('a', 'B', '%41', '%2F', '~', '+', '%20', 'x=1', '-', '.x'), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''));
const query = fc.constantFrom('', '?', '?a=1&a=2', '?b=%2f&B=%2F', '?q=a+b', '?x=&y');
const space = fc.constantFrom('', ' ', '\n', '\t  ', '\r\n');
const word = fc.constantFrom('a', 'B2', 'caf\u00e9', '\u{1f6a7}', '\\u0061', '\\/', 'x y');

/** A read in GraphQL: its meaning is fixed, its spelling is not. */
const graphqlRead = fc
  .tuple(space, space, word, fc.constantFrom('', '# c\\n', ',,'), fc.boolean())
  .map(([before, between, said, comment, variablesFirst]) => {
    const document = `"query":${between}"${comment}query { a: __typename }"`;
    const variables = `"variables":${between}{"unused":"${said}"}`;
    const parts = variablesFirst ? [variables, document] : [document, variables];
    return `${before}{${between}${parts.join(`${between},`)}}${before}`;
  });

const readAttempt: fc.Arbitrary<Attempt> = fc.oneof(
  fc.tuple(pathTail, query).map(([tail, asked]) => ({ method: 'GET', path: `/v1/${tail}${asked}` })),
  graphqlRead.map((body) => ({ method: 'POST', path: '/graphql/v2', body })),
);
/** What no page knows is held as destructive: any bytes at all may be asked for and signed. */
const heldAttempt: fc.Arbitrary<Attempt> = fc.record({
  method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
  path: fc.tuple(pathTail, query).map(([tail, asked]) => `/v2/volumes/${tail}${asked}`),
  body: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 400 }),
    fc.uint8Array({ minLength: 2_000, maxLength: 4_000 }),
    fc.tuple(space, word).map(([gap, said]) => Buffer.from(`{${gap}"n":1.0,${gap}"n2":1e2,"w":"${said}"${gap}}\n`)),
  ),
});
const framed = (attempt: fc.Arbitrary<Attempt>) =>
  fc
    .tuple(attempt, fc.array(extraHeader, { maxLength: 4 }), fc.constantFrom('length', 'chunked'), fc.nat(40))
    .map(([base, extra, framing, mark]) => dressed(base, [...extra, ['X-Mark', String(mark)]], framing));

interface Written extends Attempt {
  readonly headers: Lines;
  /** The client's body before any framing. */
  readonly bytes: Buffer;
  readonly framing: string;
}

function dressed(base: Attempt, extra: Lines, framing: string): Written {
  const bytes = Buffer.from(base.body ?? '');
  const type = ['Content-Type', 'application/json'] as const;
  // Host in another spelling, the slot among the rest, our own header and hop-by-hop ones: all of them may change.
  const headers: Lines = [
    ['hOsT', `${hostileHost.toUpperCase()}:443`],
    ...extra.slice(0, 1),
    ['AUTHORIZATION', `Bearer ${placeholder}`],
    ...(bytes.length === 0 ? [] : [type]),
    ['Keep-Alive', 'timeout=5'],
    ['Holdpoint-Reason', 'because'],
    ...extra.slice(1),
  ];
  if (bytes.length === 0 || framing === 'length') return { ...base, bytes, headers, framing: 'length', body: bytes };
  const half = Math.ceil(bytes.length / 2);
  const chunk = (part: Buffer) => [Buffer.from(`${part.length.toString(16)};x=y\r\n`), part, Buffer.from('\r\n')];
  const rest = bytes.subarray(half);
  const parts = [
    ...chunk(bytes.subarray(0, half)),
    ...(rest.length === 0 ? [] : chunk(rest)),
    Buffer.from('0\r\n\r\n'),
  ];
  return {
    ...base,
    bytes,
    headers: [...headers, ['Transfer-Encoding', 'chunked']],
    framing,
    body: Buffer.concat(parts),
  };
}

/** What may differ: hop-by-hop, the spelling of Host, the length that framing decides, and our own header. */
const mayDiffer = /^(host|connection|keep-alive|transfer-encoding|content-length|holdpoint-reason)$/i;
const carried = (lines: Lines, slot: string): Lines =>
  lines
    .filter(([name]) => !mayDiffer.test(name))
    .map(([name, value]) => [name.toLowerCase(), name.toLowerCase() === 'authorization' ? slot : value] as const);

interface Arrived {
  readonly line: string;
  readonly lines: Lines;
  readonly body: Buffer;
}

/** One request off the wire, read here by hand: the first empty line, then exactly Content-Length bytes and no more. */
function arrived(): Arrived {
  const bytes = Buffer.concat(target.wire.splice(0));
  const end = bytes.indexOf('\r\n\r\n');
  const [line = '', ...rest] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const lines = rest.map(
    (each) => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 1).trim()] as const,
  );
  const body = bytes.subarray(end + 4);
  const given = (name: string) => lines.find(([each]) => each.toLowerCase() === name)?.[1] ?? null;
  expect(given('transfer-encoding')).toBeNull();
  expect(Number(given('content-length') ?? 0), 'one request, and nothing behind it').toBe(body.length);
  expect(given('host')).toBe(hostileHost);
  return { line, lines, body };
}

function same(written: Written): void {
  const got = arrived();
  expect(got.line).toBe(`${written.method} ${written.path} HTTP/1.1`);
  expect(got.body.equals(written.bytes), 'the body, byte for byte').toBe(true);
  const secret = `Bearer ${target.fake.tokens.reader.secret}`;
  const latin1 = written.headers.map(([name, value]) => [name, value] as const);
  expect(carried(got.lines, got.lines.find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? '')).toEqual(
    carried(latin1, secret),
  );
}

function note(counts: Counts, { method, framing, bytes, headers }: Written): void {
  count(counts, `${method}`);
  if (bytes.length > 0) count(counts, framing);
  if (bytes.toString('utf8').includes('\ufffd')) count(counts, 'not text');
  if (new Set(headers.map(([name]) => name.toLowerCase())).size < headers.length) count(counts, 'repeated header');
}

async function storedRequest(hold: Hold): Promise<OutgoingRequest> {
  const id = requestBody(hold.id);
  const sealed = await target.instance.tapped.storage.body(id);
  if (sealed === null) throw new Error('no stored request');
  return decodeRequest(target.instance.credentials.sealer.open(id, sealed));
}

/** The digest, put together here from what the store has and from what runs now. */
function rebuilt(hold: Hold, request: OutgoingRequest): string {
  const { system } = target.instance;
  const grant = system.grantOf(hold.agent);
  if (grant === null) throw new Error('no grant');
  return holdDigest({
    agent: hold.agent,
    grantDigest: grantDigest(grant),
    policyDigest: system.state.policyDigest,
    channel: 'http',
    content: { kind: 'http', request },
    credential: 'railway',
    material: hold.material,
    safeguards: hold.needs.safeguards,
  });
}

describe('what leaves is what came', () => {
  it('for reads that are allowed at once', async () => {
    const counts: Counts = new Map();
    const run = fc.asyncProperty(framed(readAttempt), async (written) => {
      target.wire.splice(0);
      const reply = await send(target, { ...written, host: hostileHost });
      expect(reply.statuses, reply.text).toEqual([200]);
      same(written);
      note(counts, written);
    });
    await fc.assert(run, { numRuns: 100, seed: 10, endOnFailure: true });
    for (const what of ['GET', 'POST', 'length', 'chunked', 'repeated header'])
      expect(counts.get(what) ?? 0, what).toBeGreaterThan(10);
  });

  it('for what a human has signed: read, digested, stored and sent', async () => {
    const counts: Counts = new Map();
    const run = fc.asyncProperty(framed(heldAttempt), async (written) => {
      target.wire.splice(0);
      const reply = await send(target, { ...written, host: hostileHost });
      if (reply.statuses[0] !== 423) {
        count(counts, `refused ${reply.statuses[0]}`);
        expect(target.wire).toEqual([]);
        return;
      }
      expect(target.wire, 'nothing before the yes').toEqual([]);
      const [hold] = await target.instance.control.holds({ open: true, limit: 1 });
      if (hold === undefined) throw new Error('no hold');
      const stored = await storedRequest(hold);
      expect(Buffer.from(stored.body).equals(written.bytes), 'the stored body').toBe(true);
      expect([stored.method, stored.path]).toEqual([written.method, written.path]);
      expect(carried(stored.headers, '')).toEqual(carried(written.headers, ''));
      expect(rebuilt(hold, stored)).toBe(hold.digest);
      expect(reader.read({ kind: 'http', request: stored })).toEqual(hold.reading);
      await yes.approve(hold);
      await until(async () => ((await target.instance.control.hold(hold.id))?.state.kind === 'executed' ? true : null));
      same(written);
      note(counts, written);
      count(counts, 'executed');
    });
    await fc.assert(run, { numRuns: 70, seed: 11, endOnFailure: true });
    expect(counts.get('executed')).toBeGreaterThan(40);
    for (const what of ['POST', 'PUT', 'PATCH', 'DELETE', 'length', 'chunked', 'not text', 'repeated header'])
      expect(counts.get(what) ?? 0, what).toBeGreaterThan(5);
  });
});
