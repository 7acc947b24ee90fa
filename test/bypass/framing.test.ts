// Paths, names and frames that two servers would read differently: odd paths of the same endpoint, tunnels to one host
// that ask for another, requests hidden in requests. What has two readings gets a 4xx, and nothing reaches the volume.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  agent,
  bytesOf,
  hostileHost,
  placeholder,
  proxyAuthorization,
  type Reply,
  railwayHost,
  send,
  startTarget,
  type Target,
  throughTunnel,
  toProxy,
} from './target.ts';

let target: Target;
const deletion = () => JSON.stringify({ query: `mutation { volumeDelete(volumeId: "${target.volumeId}") }` });
const harmless = JSON.stringify({ query: '{ projects { edges { node { name } } } }' });
const sign = () => `Proxy-Authorization: ${proxyAuthorization(agent, target.agentToken)}`;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

async function expectUntouched(attempt: () => Promise<Reply>, statuses: readonly number[]): Promise<void> {
  const before = target.fake.world();
  const reply = await attempt();
  expect(reply.statuses).toEqual(statuses);
  expect(target.fake.world()).toEqual(before);
}

describe('another spelling of the path leads to no other verdict', () => {
  it.each([
    ['//graphql/v2', 423],
    ['/graphql//v2', 423],
    ['/graphql/v2/', 423],
    ['/graphql/v2//', 423],
    ['/%67raphql/v2', 423],
    ['/graphql%2fv2', 423],
    ['/GraphQL/V2', 423],
    ['/graphql/v2;x=y', 423],
    ['/graphql;x/v2', 423],
    ['/graphql/v2?', 423],
    ['/graphql/v2?x=%zz', 423],
    ['/%2567raphql/v2', 423],
    ['/graphql/internal', 423],
    ['/elsewhere', 423],
    ['/./graphql/v2', 403],
    ['/x/../graphql/v2', 403],
    ['/%2e%2e/graphql/v2', 403],
    ['/graphql/v2%00', 400],
    ['/graphql/v2%0d%0aX:%20y', 400],
    ['/graphql\\v2', 400],
    ['/graphql/v2#x', 400],
    ['graphql/v2', 400],
    [`https://${railwayHost}/graphql/v2`, 400],
    ['*', 400],
  ])('POST %s: %i', async (path, status) => {
    await expectUntouched(() => send(target, { path, body: deletion() }), [status]);
  });
});

describe('one request, one host', () => {
  it.each<[string, number, () => Promise<Reply>]>([
    [
      'a name with a trailing dot is the same host',
      423,
      () =>
        throughTunnel(target, railwayHost, bytesOf({ host: `${railwayHost}.`, body: deletion() }), {
          connectTo: `${railwayHost}.:443`,
        }),
    ],
    [
      'the port spelled out is the same host',
      423,
      () => send(target, { headers: [['Host', `${railwayHost}:443`]], body: deletion() }),
    ],
    [
      'upper case is the same host',
      423,
      () =>
        throughTunnel(target, railwayHost, bytesOf({ host: railwayHost.toUpperCase(), body: deletion() }), {
          connectTo: `${railwayHost.toUpperCase()}:443`,
        }),
    ],
    [
      'a Host that differs from the tunnel is refused',
      421,
      () => send(target, { headers: [['Host', hostileHost]], body: deletion() }),
    ],
    [
      'a Host with another port is refused',
      421,
      () => send(target, { headers: [['Host', `${railwayHost}:8443`]], body: deletion() }),
    ],
    [
      'a Host with userinfo is refused',
      421,
      () => send(target, { headers: [['Host', `x@${railwayHost}`]], body: deletion() }),
    ],
    [
      'a TLS name that differs from the tunnel is refused',
      421,
      () => throughTunnel(target, railwayHost, bytesOf({ body: deletion() }), { serverName: hostileHost }),
    ],
    [
      'two hosts are refused',
      400,
      () =>
        send(target, {
          headers: [
            ['Host', railwayHost],
            ['host', hostileHost],
          ],
          body: deletion(),
        }),
    ],
    [
      'no host is refused',
      400,
      () =>
        throughTunnel(
          target,
          railwayHost,
          bytesOf({ body: deletion() })
            .toString()
            .replace(/Host: [^\r]*\r\n/, ''),
        ),
    ],
    [
      'a tunnel in a tunnel is refused',
      400,
      () =>
        throughTunnel(
          target,
          railwayHost,
          `CONNECT ${railwayHost}:443 HTTP/1.1\r\nHost: ${railwayHost}:443\r\n${sign()}\r\n\r\n`,
        ),
    ],
    [
      'the agent token inside the tunnel is refused',
      400,
      () =>
        send(target, {
          headers: [['Proxy-Authorization', proxyAuthorization(agent, target.agentToken)]],
          body: deletion(),
        }),
    ],
    [
      'plain HTTP to the governed host is refused',
      403,
      () =>
        toProxy(
          target,
          `POST http://${railwayHost}/graphql/v2 HTTP/1.1\r\nHost: ${railwayHost}\r\n${sign()}\r\nAuthorization: Bearer ${placeholder}\r\nConnection: close\r\nContent-Length: ${deletion().length}\r\n\r\n${deletion()}`,
        ),
    ],
    [
      'another port of the governed host is refused',
      403,
      () => throughTunnel(target, railwayHost, bytesOf({ body: deletion() }), { connectTo: `${railwayHost}:8443` }),
    ],
    [
      'an absolute-form https request is held like any other',
      423,
      () =>
        toProxy(
          target,
          `POST https://${railwayHost}/graphql/v2 HTTP/1.1\r\nHost: ${railwayHost}\r\n${sign()}\r\nAuthorization: Bearer ${placeholder}\r\nConnection: close\r\nContent-Length: ${deletion().length}\r\n\r\n${deletion()}`,
        ),
    ],
    [
      'userinfo in an absolute-form request is refused',
      400,
      () =>
        toProxy(
          target,
          `POST https://x:y@${railwayHost}/graphql/v2 HTTP/1.1\r\nHost: ${railwayHost}\r\n${sign()}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        ),
    ],
  ])('%s (%i)', async (_verdict, status, attempt) => {
    await expectUntouched(attempt, [status]);
  });
});

describe('no request hides in another', () => {
  const head = `POST /graphql/v2 HTTP/1.1\r\nHost: ${railwayHost}\r\nAuthorization: Bearer ${placeholder}\r\n`;
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const hidden = () => bytesOf({ body: deletion() }).toString();
  it.each<[string, readonly number[], () => string]>([
    [
      'CL.TE is refused',
      [400],
      () => `${head}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden()}`,
    ],
    [
      'TE.CL is refused',
      [400],
      () => `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunk(hidden())}0\r\n\r\n`,
    ],
    [
      'two lengths are refused',
      [400],
      () => `${head}Content-Length: 0\r\nContent-Length: ${hidden().length}\r\n\r\n${hidden()}`,
    ],
    ['a list of lengths is refused', [400], () => `${head}Content-Length: 0, ${hidden().length}\r\n\r\n${hidden()}`],
    ['a signed length is refused', [400], () => `${head}Content-Length: +${deletion().length}\r\n\r\n${deletion()}`],
    ['a length in hex is refused', [400], () => `${head}Content-Length: 0x10\r\n\r\n${deletion()}`],
    [
      'two codings are refused',
      [400],
      () => `${head}Connection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n${chunk(deletion())}0\r\n\r\n`,
    ],
    [
      'an unknown coding is refused',
      [400, 400],
      () => `${head}Connection: close\r\nTransfer-Encoding: xchunked\r\n\r\n${chunk(deletion())}0\r\n\r\n`,
    ],
    [
      'a folded header is refused',
      [400],
      () => `${head}X-Fold: a\r\n Transfer-Encoding: chunked\r\n\r\n${chunk(deletion())}0\r\n\r\n`,
    ],
    [
      'bare line feeds are refused',
      [400],
      () => `${head.replaceAll('\r\n', '\n')}Content-Length: ${deletion().length}\n\n${deletion()}`,
    ],
    [
      'a space before a colon is refused',
      [400],
      () => `${head}Content-Length : ${deletion().length}\r\n\r\n${deletion()}`,
    ],
    [
      'a NUL in a header is refused',
      [400],
      () => `${head}X-Nul: a\0b\r\nContent-Length: ${deletion().length}\r\n\r\n${deletion()}`,
    ],
    [
      'a chunk size with a sign is refused',
      [400],
      () => `${head}Transfer-Encoding: chunked\r\n\r\n+${chunk(deletion())}0\r\n\r\n`,
    ],
    [
      'chunks that end in trailers are refused',
      [400],
      () =>
        `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(harmless)}0\r\nX-HTTP-Method-Override: DELETE\r\n\r\n`,
    ],
    [
      'honest chunks are held',
      [423],
      () =>
        `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(deletion().slice(0, 20))}${chunk(deletion().slice(20))}0\r\n\r\n`,
    ],
    [
      'HTTP/1.0 is held',
      [423],
      () => `${head.replace('1.1', '1.0')}Content-Length: ${deletion().length}\r\n\r\n${deletion()}`,
    ],
    [
      'a second request behind the first gets a verdict of its own',
      [200, 423],
      () => `${head}Content-Length: ${harmless.length}\r\n\r\n${harmless}${hidden()}`,
    ],
    [
      'a request inside the body of the first is body, with a placeholder too many',
      [403],
      () => `${head}Connection: close\r\nContent-Length: ${hidden().length}\r\n\r\n${hidden()}`,
    ],
    [
      'an upgrade to WebSocket is refused',
      [400],
      () =>
        `GET /graphql/v2 HTTP/1.1\r\nHost: ${railwayHost}\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
    ],
    [
      'an upgrade to HTTP/2 is refused',
      [400],
      () =>
        `GET / HTTP/1.1\r\nHost: ${railwayHost}\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    ],
    ['the preface of HTTP/2 is refused', [400], () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [
      'Connection that names the credential is refused',
      [400],
      () => `${head}Connection: close, authorization\r\nContent-Length: ${harmless.length}\r\n\r\n${harmless}`,
    ],
    [
      'Connection that names the encoding is refused',
      [400],
      () =>
        `${head}Connection: close, content-encoding\r\nContent-Encoding: gzip\r\nContent-Length: ${harmless.length}\r\n\r\n${harmless}`,
    ],
    [
      'TRACE is refused',
      [400],
      () => `TRACE /graphql/v2 HTTP/1.1\r\nHost: ${railwayHost}\r\nConnection: close\r\n\r\n`,
    ],
    [
      'an unknown expectation is refused',
      [400],
      () =>
        `${head}Expect: 200-maybe\r\nConnection: close\r\nContent-Length: ${deletion().length}\r\n\r\n${deletion()}`,
    ],
    [
      'Expect: 100-continue changes nothing',
      [423],
      () =>
        `${head}Expect: 100-continue\r\nConnection: close\r\nContent-Length: ${deletion().length}\r\n\r\n${deletion()}`,
    ],
  ])('%s', async (_verdict, statuses, bytes) => {
    await expectUntouched(() => throughTunnel(target, railwayHost, bytes()), statuses);
  });

  it('half a request is nothing', async () => {
    const before = target.fake.world();
    const half = `${head}Content-Length: ${deletion().length}\r\n\r\n${deletion().slice(0, -1)}`;
    expect((await throughTunnel(target, railwayHost, half, { after: 'end' })).statuses).toEqual([400]);
    expect(target.fake.world()).toEqual(before);
  });
});
