// Request smuggling and other bytes with two readings, sent raw inside a tunnel: each is refused with a reason, closes the
// connection or is answered as exactly one request, and nothing reaches the pipeline that was not read in one way.

import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authorization, type HttpLab, readUntil, startHttpLab } from '../../testing/http-lab.ts';

const host = 'api.example.test';
const seen: string[] = [];
const listener: RequestListener = (request, response) => {
  request.resume().on('end', () => {
    seen.push(`${request.method} ${request.url}`);
    response.end('upstream');
  });
};

let lab: HttpLab;
beforeAll(async () => {
  lab = await startHttpLab({ listener, hosts: [host, '10.0.0.5', 'xn--bcher-kva.test'] });
});
afterAll(() => lab.close());
beforeEach(() => {
  seen.length = 0;
  lab.port.submitted.length = 0;
  lab.port.refusals.length = 0;
});

/** Sends raw bytes in a tunnel of plain HTTP and gives everything that comes back until the proxy closes. */
async function inTunnel(bytes: string): Promise<string> {
  const socket = await lab.tunnel(`${host}:80`);
  const answer = readUntil(socket, /\r\n\r\n[\s\S]*"doNot"[\s\S]*}|upstream/);
  socket.write(bytes, 'latin1');
  const text = await answer;
  socket.destroy();
  return text;
}

const get = `GET / HTTP/1.1\r\nHost: ${host}\r\n`;
const post = `POST /a HTTP/1.1\r\nHost: ${host}\r\n`;
const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';

const refused: readonly (readonly [what: string, bytes: string, status: number, code: string])[] = [
  [
    'CL and TE',
    `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    400,
    'request-unreadable',
  ],
  [
    'TE and CL',
    `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${hidden}`,
    400,
    'request-unreadable',
  ],
  ['TE: xchunked', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`, 400, 'request-unreadable'],
  ['TE: chunked, identity', `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400, 'request-unreadable'],
  ['TE: gzip, chunked', `${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 400, 'request-unreadable'],
  [
    'two TE',
    `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'request-unreadable',
  ],
  [
    'TE with a space before the colon',
    `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
    400,
    'request-unreadable',
  ],
  ['TE with a tab', `${post}Transfer-Encoding:\tchunked\v\r\n\r\n0\r\n\r\n${hidden}`, 400, 'request-unreadable'],
  ['two different CL', `${post}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`, 400, 'request-unreadable'],
  ['two equal CL', `${post}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`, 400, 'request-unreadable'],
  ['CL as a list', `${post}Content-Length: 4, 4\r\n\r\nabcd`, 400, 'request-unreadable'],
  ['CL with a sign', `${post}Content-Length: +4\r\n\r\nabcd`, 400, 'request-unreadable'],
  ['CL in hex', `${post}Content-Length: 0x4\r\n\r\nabcd`, 400, 'request-unreadable'],
  ['bare LF after the request line', `GET / HTTP/1.1\nHost: ${host}\r\n\r\n`, 400, 'request-unreadable'],
  ['bare LF after a header', `GET / HTTP/1.1\r\nHost: ${host}\nX-A: b\r\n\r\n`, 400, 'request-unreadable'],
  ['bare CR in a header', `${get}X-A: b\rX-B: c\r\n\r\n`, 400, 'request-unreadable'],
  ['obsolete folding', `${get}X-A: b\r\n c\r\n\r\n`, 400, 'request-unreadable'],
  ['folding before the first header', `GET / HTTP/1.1\r\n Host: ${host}\r\n\r\n`, 400, 'request-unreadable'],
  ['NUL in a header', `${get}X-A: b\0c\r\n\r\n`, 400, 'request-unreadable'],
  ['header without a name', `${get}: b\r\n\r\n`, 400, 'request-unreadable'],
  [
    'chunk size with a sign',
    `${post}Transfer-Encoding: chunked\r\n\r\n+4\r\nabcd\r\n0\r\n\r\n`,
    400,
    'request-unreadable',
  ],
  [
    'chunk size with a bare LF',
    `${post}Transfer-Encoding: chunked\r\n\r\n4\nabcd\r\n0\r\n\r\n`,
    400,
    'request-unreadable',
  ],
  [
    'chunk longer than it says',
    `${post}Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n`,
    400,
    'request-unreadable',
  ],
  ['trailers', `${post}Transfer-Encoding: chunked\r\n\r\n0\r\nX-Late: 1\r\n\r\n`, 400, 'trailers-not-served'],
  [
    'HTTP/1.0 with TE',
    `POST /a HTTP/1.0\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'request-unreadable',
  ],
  ['HTTP/2.0 in the request line', `GET / HTTP/2.0\r\nHost: ${host}\r\n\r\n`, 400, 'request-unreadable'],
  ['HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'request-unreadable'],
  ['no version', 'GET /\r\n\r\n', 400, 'request-unreadable'],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'request-unreadable'],
  ['two Hosts', `${get}Host: ${host}\r\n\r\n`, 400, 'headers-contradict'],
  ['two Hosts, different', `${get}Host: other.test\r\n\r\n`, 400, 'headers-contradict'],
  ['Host of another', 'GET / HTTP/1.1\r\nHost: other.test\r\n\r\n', 421, 'host-differs'],
  ['Host with another port', `GET / HTTP/1.1\r\nHost: ${host}:8080\r\n\r\n`, 421, 'host-differs'],
  ['empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 421, 'host-differs'],
  ['Host with userinfo', `GET / HTTP/1.1\r\nHost: a@${host}\r\n\r\n`, 421, 'host-differs'],
  [
    'two Content-Types',
    `${post}Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n\r\n`,
    400,
    'headers-contradict',
  ],
  [
    'two Content-Encodings',
    `${post}Content-Encoding: gzip\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n`,
    400,
    'headers-contradict',
  ],
  ['two Authorizations', `${get}Authorization: a\r\nAuthorization: b\r\n\r\n`, 400, 'headers-contradict'],
  [
    'Connection names Content-Type',
    `${get}Connection: content-type\r\nContent-Type: a/b\r\n\r\n`,
    400,
    'connection-names-content',
  ],
  [
    'Connection names Authorization',
    `${get}Connection: close, Authorization\r\nAuthorization: b\r\n\r\n`,
    400,
    'connection-names-content',
  ],
  ['absolute form in a tunnel', `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'path-unreadable'],
  ['asterisk form', `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'path-unreadable'],
  ['encoded NUL in the path', `GET /a%00b HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'path-unreadable'],
  ['encoded line break in the path', `GET /a%0d%0ab HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'path-unreadable'],
  ['backslash in the path', `GET /a\\b HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'path-unreadable'],
  ['fragment', `GET /a#b HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'path-unreadable'],
  ['raw UTF-8 in the path', `GET /\u00c3\u00a9 HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'request-unreadable'],
  ['Proxy-Authorization inside', `${get}Proxy-Authorization: Basic eA==\r\n\r\n`, 400, 'proxy-authorization-inside'],
  ['CONNECT inside', `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`, 400, 'connect-nested'],
  ['WebSocket', `${get}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 400, 'upgrade-not-served'],
  [
    'h2c',
    `${get}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    400,
    'upgrade-not-served',
  ],
  ['Expect of something else', `${post}Expect: 200-ok\r\nContent-Length: 0\r\n\r\n`, 400, 'expectation-not-served'],
  ['TRACE', `TRACE / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'trace-not-served'],
  ['a head over the limit', `${get}X-Long: ${'a'.repeat(70_000)}\r\n\r\n`, 431, 'head-over-limit'],
  ['NUL in the path', `GET /a\0b HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'request-unreadable'],
];

describe('inside a tunnel', () => {
  it.each(refused)('refuses %s', async (_what, bytes, status, code) => {
    const answer = await inTunnel(bytes);
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain(`"${code}"`);
    expect(lab.port.refusals.at(-1)?.reason.code).toBe(code);
    expect(lab.port.submitted).toEqual([]);
    expect(seen).toEqual([]);
  });

  it('takes equal Content-Types and a body that is no body as one request', async () => {
    const answer = await inTunnel(`${post}Content-Type: a/b\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nhi`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*upstream$/);
    expect(seen).toEqual(['POST /a']);
  });

  it('reads a request inside the body of another as body', async () => {
    await inTunnel(`${post}Content-Length: ${hidden.length}\r\n\r\n${hidden}`);
    expect(lab.port.submitted.map((request) => request.path)).toEqual(['/a']);
    expect(Buffer.from(lab.port.submitted[0]?.body ?? []).toString('latin1')).toBe(hidden);
    expect(seen).toEqual(['POST /a']);
  });

  it('never answers a request in flight with the refusal of a later one', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const waiting = await startHttpLab({
      listener,
      hosts: [host],
      port: { submit: () => held.then(() => ({ kind: 'own', status: 200, headers: [], body: 'first' })) },
    });
    const socket = await waiting.tunnel(`${host}:80`);
    const all = readUntil(socket, 'never');
    socket.write(`${get}\r\nGARBAGE\r\n\r\n`);
    expect(await all).toBe('');
    release();
    await waiting.close();
  });
});

/** Absolute-form requests, outside any tunnel. */
const proxied: readonly (readonly [what: string, target: string, status: number, code: string])[] = [
  ['userinfo', `http://user:pw@${host}/`, 400, 'target-unreadable'],
  ['decimal IPv4', 'http://2130706433/', 400, 'target-unreadable'],
  ['octal IPv4', 'http://0177.0.0.1/', 400, 'target-unreadable'],
  ['short IPv4', 'http://127.1/', 400, 'target-unreadable'],
  ['zone', 'http://[fe80::1%25eth0]/', 400, 'target-unreadable'],
  ['port 0', `http://${host}:0/`, 400, 'target-unreadable'],
  ['port too large', `http://${host}:65536/`, 400, 'target-unreadable'],
  ['another scheme', `ftp://${host}/`, 400, 'target-unreadable'],
  ['backslash', `http://${host}\\@evil.test/`, 400, 'target-unreadable'],
  ['empty host', 'http:///x', 400, 'target-unreadable'],
];

/** One request on the proxy port itself, with the token. */
async function onProxy(requestLine: string, hostHeader: string): Promise<string> {
  const socket = await lab.raw();
  const answer = readUntil(socket, /"doNot"[\s\S]*}|upstream|\r\n\r\n[\s\S]*humans/);
  socket.write(`${requestLine}\r\nHost: ${hostHeader}\r\nProxy-Authorization: ${authorization}\r\n\r\n`);
  const text = await answer;
  socket.destroy();
  return text;
}

describe('on the proxy port', () => {
  it.each(proxied)('refuses a target with %s', async (_what, target, status, code) => {
    const answer = await onProxy(`GET ${target} HTTP/1.1`, host);
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(answer).toMatch(new RegExp(`"${code}"|request-unreadable`));
    expect(lab.port.submitted).toEqual([]);
  });

  const spellings: readonly (readonly [target: string, hostHeader: string, is: string])[] = [
    [`http://API.Example.TEST/`, 'api.example.test', host],
    [`http://${host}./`, `${host}.`, host],
    [`http://${host}:80/`, host, host],
    ['http://10.0.0.5/', '10.0.0.5', '10.0.0.5'],
    ['http://XN--BCHER-KVA.test/', 'xn--bcher-kva.test', 'xn--bcher-kva.test'],
  ];
  it.each(spellings)('reads %s (Host: %s) as %s, in one spelling upstream', async (target, hostHeader, is) => {
    expect(await onProxy(`GET ${target} HTTP/1.1`, hostHeader)).toContain('upstream');
    expect(lab.port.submitted[0]).toMatchObject({ host: is, port: 80, path: '/' });
    expect(lab.port.submitted[0]?.headers[0]).toEqual(['host', is]);
  });

  it('refuses a Host that is not the target', async () => {
    expect(await onProxy(`GET http://${host}/ HTTP/1.1`, 'other.test')).toMatch(/^HTTP\/1\.1 421 /);
  });

  it.each([['GET / HTTP/1.1'], ['POST /holds/1/approve HTTP/1.1'], ['GET /healthz HTTP/1.1']])(
    'says what it is to %s, with 400 and no route',
    async (line) => {
      const answer = await onProxy(line, '127.0.0.1:4653');
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('This is the Holdpoint proxy for agents');
      expect(lab.port.submitted).toEqual([]);
    },
  );

  const connects: readonly (readonly [target: string, head: string, code: string])[] = [
    [host, '', 'target-unreadable'],
    [`user@${host}:443`, '', 'target-unreadable'],
    ['2130706433:443', '', 'target-unreadable'],
    [`${host}:443`, 'Transfer-Encoding: chunked\r\n', 'request-unreadable'],
    [`${host}:443`, 'Content-Length: 5\r\n', 'request-unreadable'],
  ];
  it.each(connects)('refuses CONNECT %s %j', async (target, head, code) => {
    const socket = await lab.raw();
    const answer = readUntil(socket, '"doNot"');
    socket.write(`CONNECT ${target} HTTP/1.1\r\nProxy-Authorization: ${authorization}\r\n${head}\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(lab.port.refusals.at(-1)?.reason.code).toBe(code);
    socket.destroy();
  });
});
