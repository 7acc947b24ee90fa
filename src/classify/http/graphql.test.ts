// The deletion of 24 April 2026 in every encoding that a sender could choose, beside requests that only look like it.
// Method and URL are the same in all of them, so only the syntax tree tells them apart.

import { createHash } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ActionContent } from '../../action/action.ts';
import { pages } from '../../providers/pages.ts';
import { httpOf, railwayOf } from '../../testing/requests.ts';
import { loadReader } from '../reader.ts';

const reader = await loadReader(pages);
const id = '2f9b1c7a-5d0e-4a34-9b1f-0c8d7e6a5b41';
const deletion = `mutation { volumeDelete(volumeId: "${id}") }`;
const asJson = JSON.stringify({ query: deletion });
const raw = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, path = '/graphql/v2') =>
  httpOf({ method: 'POST', host: 'backboard.railway.com', path, headers, body });

describe('volumeDelete is destructive, however it is written', () => {
  it.each<[string, ActionContent]>([
    [
      'the founder’s curl: JSON under a form label',
      raw(asJson, { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    ['variables', railwayOf({ query: 'mutation($v: String!) { volumeDelete(volumeId: $v) }', variables: { v: id } })],
    ['an alias and an innocent name', railwayOf({ query: `mutation Health { ok: volumeDelete(volumeId: "${id}") }` })],
    [
      'a named fragment',
      railwayOf({ query: `mutation { ...F } fragment F on Mutation { volumeDelete(volumeId: "${id}") }` }),
    ],
    ['an inline fragment', railwayOf({ query: `mutation { ... on Mutation { volumeDelete(volumeId: "${id}") } }` })],
    [
      'operationName among several',
      railwayOf({ query: `query A { me { id } } mutation B { volumeDelete(volumeId: "${id}") }`, operationName: 'B' }),
    ],
    [
      'several without operationName',
      railwayOf({ query: `query A { me { id } } mutation B { volumeDelete(volumeId: "${id}") }` }),
    ],
    [
      'the last of several mutations',
      railwayOf({ query: `mutation { a: variableUpsert(input: {}) b: volumeDelete(volumeId: "${id}") }` }),
    ],
    ['escapes of JSON', raw(asJson.replace('volumeDelete', 'volume\\u0044elete'))],
    ['a batch', railwayOf([{ query: '{ me { id } }' }, { query: deletion }])],
    ['application/graphql', raw(deletion, { 'content-type': 'application/graphql' })],
    [
      'the query string',
      httpOf({ host: 'backboard.railway.com', path: `/graphql/v2?query=${encodeURIComponent(deletion)}` }),
    ],
    ['a form', raw(`query=${encodeURIComponent(deletion)}`)],
    ['gzip', raw(gzipSync(asJson), { 'content-encoding': 'gzip' })],
    ['br', raw(brotliCompressSync(asJson), { 'content-encoding': 'br' })],
    ['deflate', raw(deflateSync(asJson), { 'content-encoding': 'deflate' })],
    ['zstd over gzip', raw(zstdCompressSync(gzipSync(asJson)), { 'content-encoding': 'gzip, zstd' })],
    [
      'a hash without a document',
      railwayOf({ extensions: { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } } }),
    ],
    [
      'a harmless document with a foreign hash',
      railwayOf({
        query: '{ me { id } }',
        extensions: { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } },
      }),
    ],
    ['a frame of a WebSocket', railwayOf({ id: '1', type: 'subscribe', payload: { query: deletion } })],
    [
      'a WebSocket handshake',
      httpOf({ host: 'backboard.railway.com', path: '/graphql/v2', headers: { upgrade: 'websocket' } }),
    ],
    [
      'a variable @include',
      railwayOf({
        query: `mutation($go: Boolean!) { volumeDelete(volumeId: "${id}") @include(if: $go) }`,
        variables: { go: false },
      }),
    ],
    [
      'a constant @skip that does not skip',
      railwayOf({ query: `mutation { volumeDelete(volumeId: "${id}") @skip(if: false) }` }),
    ],
    [
      'query string and body that differ',
      raw(JSON.stringify({ query: '{ me { id } }' }), {}, `/graphql/v2?query=${encodeURIComponent(deletion)}`),
    ],
    [
      'names that differ',
      raw(
        JSON.stringify({
          query: `query A { me { id } } mutation B { volumeDelete(volumeId: "${id}") }`,
          operationName: 'A',
        }),
        {},
        '/graphql/v2?operationName=B',
      ),
    ],
    [
      'multipart',
      raw(`--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${asJson}\r\n--x--`, {
        'content-type': 'multipart/form-data; boundary=x',
      }),
    ],
    ['a mark of byte order', raw(`\ufeff${asJson}`)],
    ['another path', raw(asJson, {}, '/graphql/internal')],
    ['comments and commas', railwayOf({ query: `# {me}\n,,mutation,,{#x\nvolumeDelete,(volumeId:"${id}")}` })],
    ['the alias host', railwayOf({ query: deletion }, { host: 'backboard.railway.app' })],
    ['the label of a ping frame', railwayOf({ type: 'ping', query: deletion })],
    [
      'a frame around a harmless one',
      railwayOf({ type: 'subscribe', payload: { query: '{ me { id } }' }, query: deletion }),
    ],
    [
      'an encoded path and a comment that ends at a carriage return',
      raw(JSON.stringify({ query: `#x\r${deletion}` }), {}, '/%67raphql/v2'),
    ],
    ['a hash under doubled slashes', raw('{"extensions":{"persistedQuery":{"sha256Hash":"ab"}}}', {}, '//graphql//v2')],
    ['a hash under another case and a parameter', raw('{"documentId":"ab"}', {}, '/GraphQL;a=b/v2')],
    [
      'a form field beside a harmless upload',
      raw(
        `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{ me { id } }"}\r\n--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n${deletion}\r\n--x--`,
        { 'content-type': 'multipart/form-data; boundary=x' },
      ),
    ],
    [
      'names that differ between a form and the query string',
      raw(
        `operationName=A&query=${encodeURIComponent(`query A { me { id } } mutation B { volumeDelete(volumeId: "${id}") }`)}`,
        {},
        '/graphql/v2?operationName=B',
      ),
    ],
    [
      'a skip with two conditions',
      railwayOf({ query: `mutation { volumeDelete(volumeId: "${id}") @skip(if: true, if: false) }` }),
    ],
  ])('%s', (_name, content) => {
    const reading = reader.read(content);
    expect(reading.effect).toBe('destructive');
    expect(reading.plain).toBe(false);
  });
});

describe('look-alikes are not', () => {
  it.each<[string, unknown]>([
    ['a field about deletion', { query: `{ volumeInstance(id: "${id}") { isPendingDeletion deletedAt } }` }],
    ['the word in a comment', { query: '# mutation { volumeDelete }\n{ me { id } }' }],
    ['the word in a string', { query: '{ project(id: "volumeDelete") { name } }' }],
    ['the word as an alias', { query: '{ volumeDelete: me { id } }' }],
    ['the word as the operation’s name', { query: 'query volumeDelete { me { id } }' }],
    [
      'operationName picks the query',
      { query: `query A { me { id } } mutation B { volumeDelete(volumeId: "${id}") }`, operationName: 'A' },
    ],
    ['a constant @skip', { query: `mutation { volumeDelete(volumeId: "${id}") @skip(if: true) }` }],
    [
      'a fragment that nobody spreads',
      { query: `{ me { id } } fragment F on Mutation { volumeDelete(volumeId: "${id}") }` },
    ],
    [
      'its own hash',
      {
        query: '{ me { id } }',
        extensions: { persistedQuery: { sha256Hash: createHash('sha256').update('{ me { id } }').digest('hex') } },
      },
    ],
  ])('%s', (_name, body) => {
    expect(reader.read(railwayOf(body)).effect).toBe('read');
  });
});

describe('what is known of the deletion', () => {
  const [operation] = reader.read(
    railwayOf({ query: 'mutation($v: String!) { volumeDelete(volumeId: $v) }', variables: { v: id } }),
  ).operations;

  it('names the volume, and no undo that an API gives', () => {
    expect(operation).toMatchObject({
      name: 'volumeDelete',
      basis: 'proven',
      recovery: 'unknown',
      scope: 'volumes',
      targets: [{ provider: 'railway', kind: 'volume', id }],
    });
  });

  it('reveals secrets only behind masks, or says so', () => {
    const [variables] = reader.read(
      railwayOf({ query: '{ variables(projectId: "p", environmentId: "e") }' }),
    ).operations;
    expect(variables).toMatchObject({ aspects: ['exposes-secrets'], masks: ['data.variables'], scope: 'variables' });
    const config = reader.read(railwayOf({ query: '{ environment(id: "e") { config(decryptVariables: true) } }' }));
    expect(config.aspects).toContain('exposes-secrets');
    expect(config.plain).toBe(false);
  });

  it('masks the answer where the alias puts it', () => {
    const query = '{ harmless: variables(projectId: "p", environmentId: "e") }';
    expect(reader.read(railwayOf({ query })).operations[0]?.masks).toEqual(['data.harmless']);
  });

  it('gives fragments that double each other up, instead of walking them for ever', () => {
    const names = Array.from({ length: 60 }, (_, index) => `F${index}`);
    const spread = (name: string, next = 'Last') => `fragment ${name} on Mutation { ...${next} ...${next} }`;
    const fragments = names.map((name, index) => spread(name, names[index + 1]));
    const query = `mutation { ...F0 } ${fragments.join(' ')} fragment Last on Mutation { __typename }`;
    expect(reader.read(railwayOf({ query }))).toMatchObject({ effect: 'destructive', basis: 'assumed' });
  });

  it('takes an unknown mutation for the worst', () => {
    expect(reader.read(railwayOf({ query: 'mutation { volumeFrobnicate(id: "x") }' }))).toMatchObject({
      effect: 'destructive',
      basis: 'assumed',
    });
  });
});
