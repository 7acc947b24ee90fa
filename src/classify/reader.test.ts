// The reader as a whole: total over arbitrary bytes, never milder for what is added, deaf to a sender's claims; and the
// ways in which one protocol's clothes could hide another's deletion.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActionContent } from '../action/action.ts';
import type { Effect } from '../action/effect.ts';
import { pages } from '../providers/pages.ts';
import { httpOf, railwayOf, requestOf } from '../testing/requests.ts';
import { loadReader } from './reader.ts';

const reader = await loadReader(pages);
const rank: Readonly<Record<Effect, number>> = { read: 0, write: 1, destructive: 2 };
const effectOf = (content: ActionContent) => reader.read(content).effect;

describe('a disguise does not lower', () => {
  const rpc = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const query = JSON.stringify({ query: 'query { me { id } }' });
  const select = JSON.stringify({ sql: 'select 1' });
  it.each<[string, ActionContent]>([
    ['JSON-RPC in a DELETE', httpOf({ method: 'DELETE', path: '/v2/volumes/1', body: rpc })],
    ['JSON-RPC in a bulk delete', httpOf({ method: 'POST', path: '/v1/users/bulk-delete', body: rpc })],
    ['GraphQL in a DELETE', httpOf({ method: 'DELETE', host: 'api.railway.app', path: '/v2/volumes/1', body: query })],
    ['GraphQL in a DELETE to its endpoint', httpOf({ method: 'DELETE', path: '/graphql', body: query })],
    ['GraphQL in a command', httpOf({ method: 'POST', path: '/v1/db/destroy', body: query })],
    ['SQL in a DELETE', httpOf({ method: 'DELETE', path: '/v1/query', body: select })],
    [
      'an AWS target elsewhere',
      httpOf({
        method: 'DELETE',
        host: 'api.digitalocean.com',
        path: '/v2/volumes/1',
        headers: { 'x-amz-target': 'A.ListB' },
      }),
    ],
    [
      'an AWS target on S3',
      httpOf({ method: 'DELETE', host: 'b.s3.amazonaws.com', path: '/k', headers: { 'x-amz-target': 'A.ListB' } }),
    ],
    [
      'an AWS target on a REST path',
      httpOf({
        method: 'DELETE',
        host: 'lambda.us-east-1.amazonaws.com',
        path: '/2015-03-31/functions/f',
        headers: { 'x-amz-target': 'A.ListB' },
      }),
    ],
    [
      'two AWS actions',
      httpOf({
        method: 'POST',
        host: 'ec2.us-east-1.amazonaws.com',
        body: 'Action=DescribeVolumes&Action=DeleteVolume',
      }),
    ],
    [
      'two DryRuns',
      httpOf({
        method: 'POST',
        host: 'ec2.us-east-1.amazonaws.com',
        body: 'Action=DeleteVolume&DryRun=true&DryRun=false',
      }),
    ],
    [
      'a DryRun where none is',
      httpOf({ method: 'POST', host: 'rds.us-east-1.amazonaws.com', body: 'Action=DeleteDBInstance&DryRun=true' }),
    ],
    ['a dry run where none is', httpOf({ method: 'DELETE', path: '/v1/volumes/1?dryRun=All' })],
    [
      'a cluster’s path at a provider',
      httpOf({ method: 'DELETE', host: 'api.render.com', path: '/api/v1/namespaces/a/pods/b?dryRun=All' }),
    ],
    ['a dry run that differs', httpOf({ method: 'DELETE', path: '/api/v1/namespaces/a/pods/b?dryRun=All&dryRun=' })],
    ['a search word inside', httpOf({ method: 'DELETE', path: '/orders/_search' })],
    [
      'an override in a header',
      httpOf({ method: 'GET', path: '/v1/items/1', headers: { 'x-http-method-override': 'DELETE' } }),
    ],
    [
      'an override that hides',
      httpOf({ method: 'DELETE', path: '/v1/items/1', headers: { 'x-http-method-override': 'GET' } }),
    ],
    ['an override in the query', httpOf({ method: 'POST', path: '/v1/items/1?_method=delete' })],
    [
      'a request inside',
      httpOf({
        method: 'POST',
        path: '/batch',
        body: JSON.stringify({
          requests: [
            { method: 'GET', url: '/a' },
            { method: 'POST', url: '/v1/users/5/terminate' },
          ],
        }),
      }),
    ],
    ['two sub-resources', httpOf({ method: 'DELETE', host: 'b.s3.amazonaws.com', path: '/k?tagging&versionId=1&acl' })],
    [
      'a read-only claim',
      {
        kind: 'mcp',
        tool: 'delete_volume',
        annotations: { readOnlyHint: true, destructiveHint: false },
        arguments: {},
      },
    ],
    ['a method by GET', httpOf({ host: 'slack.com', path: '/api/admin.conversations.delete?channel_id=C' })],
    ['a command by GET', httpOf({ path: '/jobs/5/delete' })],
  ])('%s', (_name, content) => {
    expect(effectOf(content)).toBe('destructive');
  });
});

describe('what has two readings is unreadable', () => {
  it.each<[string, ActionContent]>([
    [
      'overrides that disagree',
      httpOf({ method: 'POST', path: '/x?_method=PUT', headers: { 'x-http-method': 'DELETE' } }),
    ],
    ['a path that climbs', httpOf({ method: 'POST', path: '/v1/search/../users/1' })],
    ['a path that climbs in disguise', httpOf({ method: 'POST', path: '/v1/search/%2e%2e/users' })],
    ['duplicate members', httpOf({ method: 'POST', path: '/graphql', body: '{"query":"{a}","query":"mutation{b}"}' })],
    ['another encoding', httpOf({ method: 'POST', path: '/x', headers: { 'content-encoding': 'gzip' }, body: '{}' })],
  ])('%s', (_name, content) => {
    expect(reader.read(content)).toMatchObject({
      effect: 'destructive',
      basis: 'assumed',
      unreadable: { what: expect.any(String) },
    });
  });
});

describe('plain', () => {
  it.each<[string, ActionContent, boolean]>([
    ['a GET', httpOf({ path: '/v1/projects/5' }), true],
    ['a GET with a word of danger', httpOf({ path: '/v1/files/drop.sql' }), false],
    ['a query', railwayOf({ query: '{ deployments(input: {environmentId: "e"}) { edges { node { id } } } }' }), true],
    ['a query that reveals', railwayOf({ query: '{ variables(projectId: "p") }' }), false],
    ['a POST', httpOf({ method: 'POST', path: '/v1/projects' }), false],
    ['a SELECT', { kind: 'sql', sql: 'select id from t where a = 1' }, true],
    ['a SELECT through an unknown function', { kind: 'sql', sql: 'select f()' }, false],
  ])('%s', (_name, content, plain) => {
    expect(reader.read(content).plain).toBe(plain);
  });
});

describe('isBulk', () => {
  it.each<[string, Parameters<typeof requestOf>[0], boolean]>([
    ['git push', { method: 'POST', host: 'github.com', path: '/a/b.git/git-receive-pack' }, true],
    ['an object', { method: 'PUT', host: 'b.s3.us-east-1.amazonaws.com', path: '/k' }, true],
    ['a part of an object', { method: 'PUT', host: 'b.s3.amazonaws.com', path: '/k?partNumber=1&uploadId=x' }, true],
    ['an image layer', { method: 'PATCH', host: 'ghcr.io', path: '/v2/a/b/blobs/uploads/1' }, true],
    ['a policy of a bucket', { method: 'PUT', host: 'b.s3.amazonaws.com', path: '/k?policy' }, false],
    ['a deletion of objects', { method: 'POST', host: 'b.s3.amazonaws.com', path: '/?delete' }, false],
    [
      'an object at a host that is not S3',
      { method: 'PUT', host: 'b.s3.amazonaws.com.evil.example', path: '/k' },
      false,
    ],
    [
      'an override',
      { method: 'PUT', host: 'b.s3.amazonaws.com', path: '/k', headers: { 'x-http-method-override': 'DELETE' } },
      false,
    ],
  ])('%s', (_name, parts, bulk) => {
    expect(reader.isBulk(requestOf(parts))).toBe(bulk);
    if (bulk) expect(effectOf({ kind: 'http', request: requestOf(parts) })).toBe('write');
  });
});

it('finds the page of a host, and of none that only looks like it', () => {
  expect(reader.providerOf('backboard.railway.app')?.name).toBe('railway');
  expect(reader.providerOf('rds.eu-west-1.amazonaws.com')?.name).toBe('aws');
  expect(reader.providerOf('railway.app')).toBeNull();
  expect(reader.providerOf('backboard.railway.com.evil.example')).toBeNull();
  expect(reader.providerOf('evilamazonaws.com')).toBeNull();
});

const anyMethod = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'LIST', 'BREW');
const anyHost = fc.constantFrom(
  'api.example.com',
  'backboard.railway.com',
  'ec2.us-east-1.amazonaws.com',
  'b.s3.amazonaws.com',
  'x.upstash.io',
  'slack.com',
  'p.supabase.co',
  'bigquery.googleapis.com',
);
const anyText = fc.oneof(
  fc.string(),
  fc.json(),
  fc.constantFrom(
    'mutation { volumeDelete(volumeId: 1) }',
    '{"query":"{a}"}',
    'Action=DeleteVolume',
    '<a><b>',
    '[["DEL","a"]]',
    "SELECT ';",
    '{"jsonrpc":"2.0","method":1}',
    '{"query":"query($a:B=$a){a(b:$a)}"}',
    '{"query":"{...F} fragment F on Q {...F}"}',
  ),
);
const anyBody = fc.oneof(
  anyText.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }),
);
const anyPath = fc.oneof(
  fc.string().map((text) => `/${text}`),
  fc.constantFrom(
    '/graphql/v2',
    '/graphql',
    '/?Action=X',
    '/api/v1/namespaces/a/pods/b/exec',
    '/rest/v1/t',
    '/_bulk',
    '/%',
    '/%00',
    '//',
    '/?',
    '/sql',
  ),
);
const anyHeaders = fc.array(
  fc.tuple(
    fc.constantFrom(
      'content-type',
      'content-encoding',
      'x-http-method-override',
      'x-amz-target',
      'upgrade',
      'x-http-method',
    ),
    fc.oneof(
      fc.string(),
      fc.constantFrom('gzip', 'DELETE', 'multipart/form-data; boundary=x', 'A.DeleteB', 'websocket'),
    ),
  ),
  { maxLength: 4 },
);
const anyRequest = fc.record({ method: anyMethod, host: anyHost, path: anyPath, headers: anyHeaders, body: anyBody });

describe('properties', () => {
  it('reads any request without throwing, the same each time, and never calls a DELETE a read', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyRequest, (parts) => {
        const request = { scheme: 'https' as const, port: 443, ...parts };
        const reading = reader.read({ kind: 'http', request });
        seen.add(reading.effect);
        expect(reading.unreadable?.code).not.toBe('reader-failed');
        expect(reader.read({ kind: 'http', request })).toEqual(reading);
        expect(reading.operations.length).toBeGreaterThan(0);
        if (reading.unreadable !== null) expect(reading.effect).toBe('destructive');
        if (reading.plain) expect([reading.effect, reading.basis, reading.aspects]).toEqual(['read', 'proven', []]);
        expect(typeof reader.isBulk(request)).toBe('boolean');
      }),
      { numRuns: 1500 },
    );
    expect([...seen].sort()).toEqual(['destructive', 'read', 'write']);
  });

  it('reads any SQL, command and tool call without throwing', () => {
    const anySql = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom(
            'select',
            'delete from',
            't',
            "'",
            '$$',
            ';',
            '(',
            ')',
            'where',
            'a = 1',
            '--',
            '/*',
            'with x as (',
            'update',
            'set a = 1',
            '\\',
          ),
          { maxLength: 12 },
        )
        .map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(anySql, fc.string(), fc.jsonValue(), (sql, tool, value) => {
        for (const content of [
          { kind: 'sql', sql },
          { kind: 'shell', command: tool },
          { kind: 'mcp', tool, annotations: value, arguments: value },
        ] as const) {
          expect(reader.read(content).unreadable).toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is never milder for an opaque or destructive part in a batch of GraphQL', () => {
    const part = fc.constantFrom<unknown>(
      { query: '{ me { id } }' },
      { query: 'mutation { deploymentRestart(id: "d") }' },
      { query: 'mutation { volumeDelete(volumeId: "v") }' },
      { extensions: { persistedQuery: { sha256Hash: 'x' } } },
      { nonsense: 1 },
      null,
      5,
    );
    let lowered = 0;
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, fc.nat({ max: 4 }), (parts, extra, at) => {
        const longer = parts.toSpliced(Math.min(at, parts.length), 0, extra);
        const [before, after, alone] = [
          effectOf(railwayOf(parts)),
          effectOf(railwayOf(longer)),
          effectOf(railwayOf([extra])),
        ];
        if (rank[after] < Math.max(rank[before], rank[alone])) lowered += 1;
      }),
    );
    expect(lowered).toBe(0);
  });

  it('keeps the effect of a statement among others', () => {
    const mild = fc.constantFrom('select 1', 'begin', "select 'x; drop table y'", 'show all', 'explain delete from t');
    const harsh = fc.constantFrom(
      'delete from t',
      'drop table t',
      'truncate t',
      'update t set a = 1',
      'do $$ begin end $$',
      'copy t from program $$x$$',
    );
    fc.assert(
      fc.property(
        fc.array(mild, { maxLength: 3 }),
        harsh,
        fc.array(mild, { maxLength: 3 }),
        (before, statement, after) => {
          expect(effectOf({ kind: 'sql', sql: [...before, statement, ...after].join(';\n') })).toBe('destructive');
        },
      ),
    );
  });

  it('keeps the effect of a deletion under any harmless member beside it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^x[a-z]{1,8}$/), fc.jsonValue(), { maxKeys: 5 }), (extra) => {
        expect(effectOf(railwayOf({ ...extra, query: 'mutation { volumeDelete(volumeId: "v") }' }))).toBe(
          'destructive',
        );
        expect(
          effectOf(
            httpOf({
              method: 'POST',
              host: 'api.digitalocean.com',
              path: '/v2/droplets/1/actions',
              body: JSON.stringify({ ...extra, type: 'rebuild' }),
            }),
          ),
        ).toBe('destructive');
      }),
    );
  });
});
