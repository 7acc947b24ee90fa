// What comes back: operations that destroy, mint or reveal without saying so, answers that repeat the real credential in
// any form, redirects, and addresses that lead to the gateway's own machine. Each line is the verdict a human would see.

import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  agent,
  hostileHost,
  placeholder,
  proxyAuthorization,
  send,
  startTarget,
  type Target,
  toProxy,
} from './target.ts';

let target: Target;
const secret = () => target.fake.tokens.reader.secret;
const idOf = (name: string) => target.fake.world().environments.find((each) => each.name === name)?.id ?? '';
const json = (query: string, variables: unknown = {}) => JSON.stringify({ query, variables });

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

describe('what destroys, mints or changes everything without a delete-like name is held', () => {
  it.each<[string, () => string]>([
    [
      'a disk taken from its service',
      () => json(`mutation { volumeInstanceUpdate(volumeId: "${target.volumeId}", input: { serviceId: null }) }`),
    ],
    [
      'a disk taken from its service by a variable',
      () =>
        json(
          'mutation($v: String!, $i: VolumeInstanceUpdateInput!) { volumeInstanceUpdate(volumeId: $v, input: $i) }',
          { v: target.volumeId, i: { serviceId: null } },
        ),
    ],
    [
      'a disk set to DELETED',
      () => json(`mutation { volumeInstanceUpdate(volumeId: "${target.volumeId}", input: { state: DELETED }) }`),
    ],
    [
      'a patch that deletes',
      () =>
        json('mutation($e: String!, $p: JSON!) { environmentPatchCommit(environmentId: $e, patch: $p) }', {
          e: idOf('staging'),
          p: { volumes: { [target.volumeId]: { isDeleted: true } } },
        }),
    ],
    [
      'a patch that deletes, as text',
      () =>
        json('mutation($e: String!, $p: JSON!) { environmentPatchCommit(environmentId: $e, patch: $p) }', {
          e: idOf('staging'),
          p: JSON.stringify({ volumes: { [target.volumeId]: { isDeleted: true } } }),
        }),
    ],
    [
      'the commit of what was staged',
      () => json(`mutation { environmentPatchCommitStaged(environmentId: "${idOf('staging')}") }`),
    ],
    [
      'variables replaced by nothing',
      () =>
        json(
          `mutation { variableCollectionUpsert(input: { projectId: "p", environmentId: "${idOf('staging')}", variables: {}, replace: true }) }`,
        ),
    ],
    [
      'no backups any more',
      () => json('mutation { volumeInstanceBackupScheduleUpdate(volumeInstanceId: "x", kinds: []) }'),
    ],
    [
      'a restore that wipes',
      () =>
        json(
          'mutation { volumeInstanceBackupRestore(volumeInstanceId: "x", volumeInstanceBackupId: "y", wipeServiceIds: ["z"]) }',
        ),
    ],
    ['a token', () => json('mutation { apiTokenCreate(input: { name: "mine" }) }')],
    [
      'a project token',
      () =>
        json(
          `mutation { projectTokenCreate(input: { projectId: "p", environmentId: "${idOf('staging')}", name: "mine" }) }`,
        ),
    ],
    ['a shell token', () => json('mutation { generateShellToken }')],
    [
      'secrets below a harmless field',
      () => json(`{ environment(id: "${idOf('staging')}") { config(decryptVariables: true) } }`),
    ],
  ])('%s', async (_what, body) => {
    const before = target.fake.world();
    expect((await send(target, { body: body() })).statuses).toEqual([423]);
    expect(target.fake.world()).toEqual(before);
  });

  it.each<[string, string, string, readonly (readonly [string, string])[]]>([
    ['DELETE', 'DELETE', '/v2/volumes/vol_prod_abc123', []],
    ['DELETE in lower case of an escape', 'DELETE', '/v2/%76olumes/vol_prod_abc123', []],
    ['POST with an override', 'POST', '/v2/volumes/vol_prod_abc123', [['X-HTTP-Method-Override', 'DELETE']]],
    ['GET with an override', 'GET', '/v2/volumes/vol_prod_abc123', [['X-Method-Override', 'delete']]],
    ['GET with _method', 'GET', '/v2/volumes/vol_prod_abc123?_method=DELETE', []],
    ['POST to /delete', 'POST', '/v2/volumes/vol_prod_abc123/delete', []],
  ])('the article’s retelling: %s', async (_what, method, path, headers) => {
    const before = target.fake.world();
    expect((await send(target, { host: 'api.railway.app', method, path, headers })).statuses).toEqual([423]);
    expect(target.fake.world()).toEqual(before);
  });
});

describe('values of variables do not reach the agent', () => {
  const asked = (fields: string) => json(`{ ${fields} }`);
  const call = (name = '') => {
    const { projectId } = target.fake.world().environments[0] ?? { projectId: '' };
    const web = target.fake.world().services.find((each) => each.name === 'web')?.id;
    return `${name}variables(projectId: "${projectId}", environmentId: "${idOf('staging')}", serviceId: "${web}")`;
  };
  it.each<[string, () => string]>([
    ['by their name', () => asked(call())],
    ['under an alias', () => asked(call('harmless: '))],
    ['in a fragment under an alias', () => json(`query { ...F } fragment F on Query { ${call('x: ')} }`)],
    ['in a batch', () => JSON.stringify([{ query: `{ ${call('y: ')} }` }])],
  ])('%s', async (_how, body) => {
    const reply = await send(target, { body: body() });
    expect(reply.text).not.toContain('postgres://');
    expect(reply.text).toContain('[masked by Holdpoint]');
  });
});

describe('an answer never carries the real credential', () => {
  const spread = (text: string, by: (code: number) => string) =>
    [...text].map((char) => by(char.charCodeAt(0))).join('');
  const forms: readonly (readonly [string, (text: string) => string])[] = [
    ['as it is', (text) => text],
    ['in base64', (text) => Buffer.from(text).toString('base64')],
    ['in base64 of user and password', (text) => Buffer.from(`ab:${text}`).toString('base64')],
    ['in hex', (text) => Buffer.from(text).toString('hex')],
    ['escaped for URLs', (text) => spread(text, (char) => `%${char.toString(16)}`)],
    ['escaped for JSON', (text) => spread(text, (char) => `\\u${char.toString(16).padStart(4, '0')}`)],
    [
      'escaped for JSON in upper case',
      (text) => spread(text, (char) => `\\u${char.toString(16).padStart(4, '0').toUpperCase()}`),
    ],
  ];
  it.each(forms)('%s', async (_form, encode) => {
    const leaked = encode(secret());
    target.answerWith((_request, response) => response.setHeader('x-echo', leaked).end(`{"you":"${leaked}"}`));
    const reply = await send(target, { host: hostileHost, method: 'GET', path: '/v1/ping' });
    expect(reply.statuses).toEqual([200]);
    expect(reply.text).toContain(placeholder);
    expect(reply.text).not.toContain(leaked.slice(4, -4));
  });

  it.each<[string, (text: string) => Buffer]>([
    ['gzip', (text) => gzipSync(text)],
    ['br', (text) => brotliCompressSync(text)],
    ['deflate', (text) => deflateSync(text)],
    ['zstd', (text) => zstdCompressSync(text)],
    ['gzip, br', (text) => brotliCompressSync(gzipSync(text))],
  ])('packed as %s', async (encoding, pack) => {
    target.answerWith((_request, response) =>
      response.setHeader('content-encoding', encoding).end(pack(`{"you":"${secret()}"}`)),
    );
    const reply = await send(target, { host: hostileHost, method: 'GET', path: '/v1/ping' });
    expect(reply.text).toContain(placeholder);
    expect(reply.text).not.toContain(secret());
    expect(reply.text.toLowerCase()).not.toContain('content-encoding');
  });

  it('one byte at a time', async () => {
    target.answerWith((_request, response) => {
      for (const char of `{"you":"${secret()}"}`) response.write(char);
      response.end();
    });
    const reply = await send(target, { host: hostileHost, method: 'GET', path: '/v1/ping' });
    expect(reply.text.replaceAll(/\r\n[0-9a-f]+\r\n/g, '')).toContain(placeholder);
    expect(reply.text.replaceAll(/\r\n[0-9a-f]+\r\n/g, '')).not.toContain(secret());
  });

  it('an encoding that cannot be searched is withheld', async () => {
    target.answerWith((_request, response) => response.setHeader('content-encoding', 'rot13').end(secret()));
    const reply = await send(target, { host: hostileHost, method: 'GET', path: '/v1/ping' });
    expect(reply.statuses).not.toContain(200);
    expect(reply.text).not.toContain(secret());
  });

  it('a redirect is handed back and not followed', async () => {
    const count = target.arrived.length;
    target.answerWith((_request, response) =>
      response.writeHead(302, { location: `https://collector.example/?t=${secret()}` }).end(),
    );
    const reply = await send(target, { host: hostileHost, method: 'GET', path: '/v1/ping' });
    expect(reply.statuses).toEqual([302]);
    expect(reply.text).not.toContain(secret());
    expect(target.arrived.length).toBe(count + 1);
  });
});

describe('the gateway’s own machine cannot be reached through it', () => {
  it.each([
    ['127.0.0.1', 403],
    ['127.1.2.3', 403],
    ['0.0.0.0', 403],
    ['[::1]', 403],
    ['[::ffff:127.0.0.1]', 403],
    ['[64:ff9b::7f00:1]', 403],
    ['169.254.169.254', 403],
    ['[fe80::1]', 403],
    ['localhost', 403],
    ['localhost.', 403],
    ['metadata.google.internal', 403],
    ['2130706433', 400],
    ['0x7f.1', 400],
    ['017700000001', 400],
    ['127.1', 400],
    ['127.0.0.1%00.example', 400],
    ['x@127.0.0.1', 400],
    ['１２７.0.0.1', 400],
  ])('CONNECT %s: %i', async (host, status) => {
    const port = target.instance.controlPort;
    const sign = `Proxy-Authorization: ${proxyAuthorization(agent, target.agentToken)}`;
    const reply = await toProxy(target, `CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n${sign}\r\n\r\n`);
    expect(reply.statuses).toEqual([status]);
    const plain = await toProxy(
      target,
      `GET http://${host}:${port}/api/status HTTP/1.1\r\nHost: ${host}:${port}\r\n${sign}\r\nConnection: close\r\n\r\n`,
    );
    expect(plain.statuses).toEqual([status]);
  });
});
