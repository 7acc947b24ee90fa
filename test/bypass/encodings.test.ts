// One deletion in every encoding that a sender could choose. Each line is the verdict that a human would see: the volume
// stays, and the agent is told to wait (423) or that nothing was done (403). This collection only grows.

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attempt, send, startTarget, type Target } from './target.ts';

let target: Target;
const json = (value: unknown) => JSON.stringify(value);
const deletion = () => `mutation { volumeDelete(volumeId: "${target.volumeId}") }`;
const harmless = '{ me { id } }';
const plain = () => json({ query: deletion() });
const query = (text: string, more: Readonly<Record<string, unknown>> = {}) => ({
  body: json({ query: text, ...more }),
});
const type = (value: string) => [['Content-Type', value]] as const;
const packed = (encoding: string, body: Uint8Array): Attempt => ({ headers: [['Content-Encoding', encoding]], body });
const both = () => `query A ${harmless} mutation B { volumeDelete(volumeId: "${target.volumeId}") }`;
const part = (name: string, content: string, head = '') =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n${head}\r\n${content}\r\n`;
const parts = (...all: readonly string[]): Attempt => ({
  headers: type('multipart/form-data; boundary=x'),
  body: `${all.join('')}--x--\r\n`,
});
const asUrl = (text: string) => encodeURIComponent(text);

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

type Row = readonly [verdict: string, status: number, attempt: () => Attempt];

const held: readonly Row[] = [
  ['the plain call is held', 423, () => ({ body: plain() })],
  [
    'JSON under a form label is held',
    423,
    () => ({ headers: type('application/x-www-form-urlencoded'), body: plain() }),
  ],
  [
    'an id in variables is held',
    423,
    () => query('mutation($v: String!) { volumeDelete(volumeId: $v) }', { variables: { v: target.volumeId } }),
  ],
  [
    'variables as text are held',
    423,
    () => query('mutation($v: String!) { volumeDelete(volumeId: $v) }', { variables: json({ v: target.volumeId }) }),
  ],
  [
    'an id as a default is held',
    423,
    () => query(`mutation($v: String! = "${target.volumeId}") { volumeDelete(volumeId: $v) }`),
  ],
  ['an alias is held', 423, () => query(`mutation Health { ok: volumeDelete(volumeId: "${target.volumeId}") }`)],
  [
    'a named fragment is held',
    423,
    () => query(`mutation { ...F } fragment F on Mutation { volumeDelete(volumeId: "${target.volumeId}") }`),
  ],
  [
    'an inline fragment is held',
    423,
    () => query(`mutation { ... on Mutation { volumeDelete(volumeId: "${target.volumeId}") } }`),
  ],
  [
    'fragments in a circle are held',
    423,
    () =>
      query(
        `mutation { ...A } fragment A on Mutation { ...B volumeDelete(volumeId: "${target.volumeId}") } fragment B on Mutation { ...A }`,
      ),
  ],
  ['the named one of two operations is held', 423, () => query(both(), { operationName: 'B' })],
  ['two operations without a name are held', 423, () => query(both())],
  ['a name that fits nothing is held', 423, () => query(both(), { operationName: 'C' })],
  ['a name that is no text is held', 423, () => query(both(), { operationName: ['A'] })],
  [
    'two names, in body and query string, are held',
    423,
    () => ({ path: '/graphql/v2?operationName=B', ...query(both(), { operationName: 'A' }) }),
  ],
  [
    'a second mutation behind a rename is held',
    423,
    () =>
      query(
        `mutation { volumeUpdate(volumeId: "${target.volumeId}", input: { name: "x" }) { id } volumeDelete(volumeId: "${target.volumeId}") }`,
      ),
  ],
  [
    'a constant skip that does not skip is held',
    423,
    () => query(`mutation { volumeDelete(volumeId: "${target.volumeId}") @skip(if: false) }`),
  ],
  [
    'an include by variable is held',
    423,
    () =>
      query(`mutation($go: Boolean!) { volumeDelete(volumeId: "${target.volumeId}") @include(if: $go) }`, {
        variables: { go: true },
      }),
  ],
  [
    'a skip with two conditions is held',
    423,
    () => query(`mutation { volumeDelete(volumeId: "${target.volumeId}") @skip(if: true, if: false) }`),
  ],
  ['escapes of JSON are held', 423, () => ({ body: plain().replace('volumeDelete', '\\u0076olume\\u0044elete') })],
  ['an escaped member name is held', 423, () => ({ body: plain().replace('"query"', '"\\u0071uery"') })],
  [
    'comments and commas are held',
    423,
    () => query(`# ${harmless}\n,,mutation,,{#x\nvolumeDelete,(volumeId:"${target.volumeId}")}`),
  ],
  [
    'an id in a block string is held',
    423,
    () => query(`mutation { volumeDelete(volumeId: """${target.volumeId}""") }`),
  ],
  ['a batch is held', 423, () => ({ body: json([{ query: harmless }, { query: deletion() }]) })],
  ['a batch in a batch is held', 423, () => ({ body: json([[{ query: harmless }, [{ query: deletion() }]]]) })],
  ['lines of JSON are held', 423, () => ({ body: `${json({ query: harmless })}\n${plain()}` })],
  ['a mark of byte order is held', 423, () => ({ body: `\ufeff${plain()}` })],
  ['a raw document is held', 423, () => ({ headers: type('application/graphql'), body: deletion() })],
  ['a raw document under a JSON label is held', 423, () => ({ headers: type('application/json'), body: deletion() })],
  [
    'a form is held',
    423,
    () => ({ headers: type('application/x-www-form-urlencoded'), body: `query=${asUrl(deletion())}` }),
  ],
  [
    'a form with two names is held',
    423,
    () => ({ path: '/graphql/v2?operationName=B', body: `operationName=A&query=${asUrl(both())}` }),
  ],
  ['a form with two queries is held', 423, () => ({ body: `query=${asUrl(harmless)}&query=${asUrl(deletion())}` })],
  ['a GET is held', 423, () => ({ method: 'GET', path: `/graphql/v2?query=${asUrl(deletion())}` })],
  [
    'a GET with every letter escaped is held',
    423,
    () => ({
      method: 'GET',
      path: `/graphql/v2?%71uery=${[...Buffer.from(deletion())].map((byte) => `%${byte.toString(16)}`).join('')}`,
    }),
  ],
  [
    'a GET with a body is held',
    423,
    () => ({ method: 'GET', path: `/graphql/v2?query=${asUrl(harmless)}`, body: plain() }),
  ],
  [
    'a query string beside a harmless body is held',
    423,
    () => ({ path: `/graphql/v2?query=${asUrl(deletion())}`, body: json({ query: harmless }) }),
  ],
  [
    'two queries in the query string are held',
    423,
    () => ({ method: 'GET', path: `/graphql/v2?query=${asUrl(harmless)}&query=${asUrl(deletion())}` }),
  ],
  ['a PUT is held', 423, () => ({ method: 'PUT', body: plain() })],
  ['a made-up method is held', 423, () => ({ method: 'PROPFIND', body: plain() })],
  ['gzip is held', 423, () => packed('gzip', gzipSync(plain()))],
  ['x-gzip is held', 423, () => packed('x-gzip', gzipSync(plain()))],
  ['br is held', 423, () => packed('br', brotliCompressSync(plain()))],
  ['deflate is held', 423, () => packed('deflate', deflateSync(plain()))],
  ['deflate without a wrapper is held', 423, () => packed('deflate', deflateRawSync(plain()))],
  ['zstd is held', 423, () => packed('zstd', zstdCompressSync(plain()))],
  ['gzip in gzip is held', 423, () => packed('gzip, gzip', gzipSync(gzipSync(plain())))],
  ['gzip in zstd is held', 423, () => packed('gzip, identity, zstd', zstdCompressSync(gzipSync(plain())))],
  ['gzip without a label is held', 423, () => ({ body: gzipSync(plain()) })],
  [
    'a stored hash is held',
    423,
    () => ({ body: json({ extensions: { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } } }) }),
  ],
  [
    'a stored hash by GET is held',
    423,
    () => ({
      method: 'GET',
      path: `/graphql/v2?extensions=${asUrl(json({ persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } }))}`,
    }),
  ],
  [
    'a foreign hash beside a harmless document is held',
    423,
    () => query(harmless, { extensions: { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } } }),
  ],
  ['a hash that is none is held', 423, () => query(harmless, { extensions: { persistedQuery: { version: 1 } } })],
  ['the label of a ping frame is held', 423, () => ({ body: json({ type: 'ping', query: deletion() }) })],
  [
    'the label of connection_init is held',
    423,
    () => ({ body: json({ type: 'connection_init', payload: {}, query: deletion() }) }),
  ],
  [
    'a harmless frame around it is held',
    423,
    () => ({ body: json({ type: 'subscribe', payload: { query: harmless }, query: deletion() }) }),
  ],
  [
    'a subscribe frame is held',
    423,
    () => ({ body: json({ id: '1', type: 'subscribe', payload: { query: deletion() } }) }),
  ],
  [
    'a subscription by GET that hides a mutation is held',
    423,
    () => ({
      method: 'GET',
      path: `/graphql/v2?query=${asUrl(`subscription S { environmentLogs } mutation B { volumeDelete(volumeId: "${target.volumeId}") }`)}`,
    }),
  ],
  ['an upload of operations is held', 423, () => parts(part('operations', plain()), part('map', '{}'))],
  [
    'a form field beside a harmless upload is held',
    423,
    () => parts(part('operations', json({ query: harmless })), part('query', deletion())),
  ],
  [
    'two operations parts are held',
    423,
    () => parts(part('operations', json({ query: harmless })), part('operations', plain())),
  ],
  ['a document that is no text is held', 423, () => ({ body: json({ query: { query: deletion() } }) })],
  ['a document that does not parse is held', 423, () => query(`${deletion()} }`)],
  ['an unknown mutation is held', 423, () => query(`mutation { volumeFrobnicate(id: "${target.volumeId}") }`)],
];

const refused: readonly Row[] = [
  ['duplicate members are refused', 403, () => ({ body: `{"query":${json(harmless)},"query":${json(deletion())}}` })],
  [
    'duplicates by escape are refused',
    403,
    () => ({ body: `{"query":${json(harmless)},"\\u0071uery":${json(deletion())}}` }),
  ],
  [
    'duplicates in a batch are refused',
    403,
    () => ({ body: `[{"query":${json(harmless)},"query":${json(deletion())}}]` }),
  ],
  ['UTF-16 is refused', 403, () => ({ body: Buffer.from(`\ufeff${plain()}`, 'utf16le') })],
  ['UTF-16 without a mark is refused', 403, () => ({ body: Buffer.from(plain(), 'utf16le') })],
  [
    'UTF-7 is refused',
    403,
    () => ({ headers: type('application/json; charset=utf-7'), body: plain().replace('{', '+AHs-') }),
  ],
  [
    'a second charset is refused',
    403,
    () => ({ headers: type('application/json; charset=utf-8; charset=utf-16'), body: plain() }),
  ],
  [
    'a charset with shifts is refused',
    403,
    () => ({ headers: type('application/json; charset=iso-2022-jp'), body: plain() }),
  ],
  ['plain text labelled gzip is refused', 403, () => ({ headers: [['Content-Encoding', 'gzip']], body: plain() })],
  ['gzip labelled br is refused', 403, () => packed('br', gzipSync(plain()))],
  ['an unknown encoding is refused', 403, () => packed('compress', gzipSync(plain()))],
  ['five wrappings are refused', 403, () => packed('gzip,gzip,gzip,gzip,gzip', gzipSync(plain()))],
  ['a bomb is refused', 403, () => packed('gzip', gzipSync(Buffer.alloc(9 * 1024 * 1024, 0x20)))],
  [
    'a document around a multipart label is refused',
    403,
    () => ({
      headers: type('multipart/form-data; boundary=x'),
      body: `mutation { volumeDelete(volumeId: "${target.volumeId}") a: volumeDelete(volumeId: """${part('operations', json({ query: harmless }))}--x--""") }`,
    }),
  ],
  [
    'a part in base64 is refused',
    403,
    () => parts(part('operations', Buffer.from(plain()).toString('base64'), 'Content-Transfer-Encoding: base64\r\n')),
  ],
  [
    'parts without their boundary are refused',
    403,
    () => ({ headers: type('multipart/form-data; boundary=y'), body: plain() }),
  ],
  [
    'a body over the limit is refused',
    413,
    () => ({ body: json({ query: `# ${'x'.repeat(1_100_000)}\n${deletion()}` }) }),
  ],
];

describe('the volume stays, however its deletion is written', () => {
  it.each([...held, ...refused])('%s', async (_verdict, status, attempt) => {
    const before = target.fake.world();
    const reply = await send(target, attempt());
    expect(reply.statuses).toEqual([status]);
    expect(target.fake.world()).toEqual(before);
    expect(target.fake.truth().survived).toBe(true);
  });
});

describe('and the collection can fail', () => {
  it('a plain read passes with the credential that the deletions carried', async () => {
    const reply = await send(target, query('{ projects { edges { node { name } } } }'));
    expect(reply.statuses).toEqual([200]);
    expect(reply.text).toContain('pocketos');
  });
});
