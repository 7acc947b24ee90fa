// The executor against servers that misbehave: the difference between "not one byte was sent" and "it may have happened",
// which decides whether an action counts as failed or as unknown. Real sockets, one listener per case.

import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { OutgoingRequest } from '../../action/request.ts';
import type { HttpExecutor } from '../../execute/executor.ts';
import { createCertificateAuthority, loadCertificateAuthority } from '../../platform/certificates.ts';
import { HoldpointError } from '../../platform/fault.ts';
import { listenLocal } from '../../testing/http-lab.ts';
import type { Route } from './port.ts';
import { createUpstream } from './upstream.ts';

const nowMs = () => Date.now();
const pair = createCertificateAuthority({ name: 'Upstream', notBeforeMs: nowMs() - 60_000, days: 9 });
const authority = loadCertificateAuthority(pair, { nowMs });

const opened: { close(): unknown }[] = [];
const sockets = new Set<Socket>();
const executors: HttpExecutor[] = [];
afterEach(async () => {
  for (const executor of executors.splice(0)) await executor.close();
  for (const socket of sockets) socket.destroy();
  for (const server of opened.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  opened.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  return listenLocal(server);
}

function executorTo(route: Route, routes: Route[] = []): HttpExecutor {
  const executor = createUpstream({
    route: async () => {
      routes.push(route);
      return route;
    },
    connectTimeoutMs: 2_000,
  });
  executors.push(executor);
  return executor;
}

function request(over: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    method: 'POST',
    scheme: 'http',
    host: 'api.example.test',
    port: 80,
    path: '/a',
    headers: [['host', 'api.example.test']],
    body: Buffer.from('hello'),
    ...over,
  };
}

const signal = new AbortController().signal;
const plain = { bulk: null, signal, fresh: false } as const;

/** Sends and reads the whole answer; the fault's code if either fails. */
async function outcome(executor: HttpExecutor, what: OutgoingRequest, options = plain): Promise<string> {
  try {
    const answer = await executor.send(what, options);
    let size = 0;
    for await (const chunk of answer.body) size += (chunk as Buffer).length;
    return `${answer.status} ${size}`;
  } catch (fault) {
    return fault instanceof HoldpointError ? fault.code : String(fault);
  }
}

const answered = 'HTTP/1.1 200 OK\r\n';

const misbehaving: readonly (readonly [what: string, act: (socket: Socket, chunk: Buffer) => void, is: string])[] = [
  ['hangs up after the request', (socket) => socket.end(), 'upstream-broken'],
  ['resets after the request', (socket) => socket.resetAndDestroy(), 'upstream-broken'],
  ['answers half a head', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'), 'upstream-broken'],
  ['answers half a body', (socket) => socket.end(`${answered}Content-Length: 10\r\n\r\nhalf`), 'upstream-broken'],
  [
    'answers half the chunks',
    (socket) => socket.end(`${answered}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`),
    'upstream-broken',
  ],
  [
    'resets in the body',
    (socket) => socket.write(`${answered}Content-Length: 10\r\n\r\nhalf`, () => socket.resetAndDestroy()),
    'upstream-broken',
  ],
  ['answers nonsense', (socket) => socket.end('SMTP ready\r\n'), 'upstream-broken'],
  [
    'answers two lengths',
    (socket) => socket.end(`${answered}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`),
    'upstream-broken',
  ],
  ['answers whole', (socket) => socket.end(`${answered}Content-Length: 4\r\n\r\nwell`), '200 4'],
  [
    'answers early hints first',
    (socket) => socket.end(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${answered}Content-Length: 4\r\n\r\nwell`),
    '200 4',
  ],
  [
    'redirects',
    (socket) => socket.end('HTTP/1.1 307 T\r\nLocation: http://other.test/\r\nContent-Length: 0\r\n\r\n'),
    '307 0',
  ],
];

describe('a server that', () => {
  it.each(misbehaving)('%s', async (_what, act, is) => {
    let requests = 0;
    const port = await listening(
      createServer((socket) =>
        socket.on('data', (chunk: Buffer) => {
          requests += chunk.toString('latin1').split('POST /a').length - 1;
          act(socket, chunk);
        }),
      ),
    );
    const route = { address: '127.0.0.1', port, ca: null };
    expect(await outcome(executorTo(route), request())).toBe(is);
    expect(await outcome(executorTo(route), request(), { ...plain, fresh: true as false })).toBe(is);
    // Neither a fault nor a redirect makes it send again.
    expect(requests).toBe(2);
  });

  it('refuses the connection was not reached', async () => {
    const server = createServer();
    const port = await listenLocal(server);
    await new Promise((resolve) => server.close(resolve));
    const route = { address: '127.0.0.1', port, ca: null };
    expect(await outcome(executorTo(route), request())).toBe('upstream-not-reached');
  });

  it('resets during the TLS handshake was not reached', async () => {
    const port = await listening(createServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    const route = { address: '127.0.0.1', port, ca: pair.certPem };
    expect(await outcome(executorTo(route), request({ scheme: 'https', port: 443 }))).toBe('upstream-not-reached');
  });

  it('never finishes the TLS handshake was not reached', async () => {
    const port = await listening(createServer(() => {}));
    const route = { address: '127.0.0.1', port, ca: pair.certPem };
    expect(await outcome(executorTo(route), request({ scheme: 'https', port: 443 }))).toBe('upstream-not-reached');
  });

  it('closes an idle connection does not make the next request unknown', async () => {
    const port = await listening(
      createHttpServer((_incoming, response) => {
        response.end('ok');
        setImmediate(() => response.socket?.destroy());
      }),
    );
    const executor = executorTo({ address: '127.0.0.1', port, ca: null });
    for (let round = 0; round < 5; round += 1) {
      expect(await outcome(executor, request())).toBe('200 2');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});

describe('TLS upstream', () => {
  const names: string[] = [];
  const secureServer = (host: string) => {
    const leaf = authority.leafFor(host);
    const server = createTlsServer({ key: leaf.keyPem, cert: leaf.certPem }, (socket) => {
      names.push(String((socket as { servername?: string | false }).servername));
      socket.on('error', () => {});
      socket.once('data', () => socket.end(`${answered}Content-Length: 4\r\n\r\nwell`));
    });
    return listening(server);
  };
  const secure = request({ scheme: 'https', port: 443 });

  it('keeps the name for SNI and certificate while the address is pinned', async () => {
    const port = await secureServer('api.example.test');
    expect(await outcome(executorTo({ address: '127.0.0.1', port, ca: pair.certPem }), secure)).toBe('200 4');
    expect(names.at(-1)).toBe('api.example.test');
  });

  it('does not send to a certificate of another name', async () => {
    const port = await secureServer('other.test');
    const route = { address: '127.0.0.1', port, ca: pair.certPem };
    expect(await outcome(executorTo(route), secure)).toBe('upstream-not-reached');
  });

  it('does not take the certificate of the pinned address for that of the name', async () => {
    const port = await secureServer('127.0.0.1');
    const route = { address: '127.0.0.1', port, ca: pair.certPem };
    expect(await outcome(executorTo(route), secure)).toBe('upstream-not-reached');
  });

  it("trusts the route's authority on this route only", async () => {
    const port = await secureServer('api.example.test');
    expect(await outcome(executorTo({ address: '127.0.0.1', port, ca: null }), secure)).toBe('upstream-not-reached');
  });

  it('reaches an IP literal by its IP certificate', async () => {
    const port = await secureServer('10.0.0.5');
    const literal = request({ scheme: 'https', port: 443, host: '10.0.0.5', headers: [['host', '10.0.0.5']] });
    expect(await outcome(executorTo({ address: '127.0.0.1', port, ca: pair.certPem }), literal)).toBe('200 4');
  });
});

describe('what is sent', () => {
  const captured = async (
    what: OutgoingRequest,
    options: { bulk: Readable | null; fresh: boolean },
  ): Promise<string> => {
    let text = '';
    const port = await listening(
      createServer((socket) =>
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
          if (text.endsWith('hello') || text.endsWith('0\r\n\r\n') || !text.includes('ontent-length')) {
            socket.end(`${answered}Content-Length: 0\r\n\r\n`);
          }
        }),
      ),
    );
    await outcome(executorTo({ address: '127.0.0.1', port, ca: null }), what, { ...plain, ...options } as typeof plain);
    return text;
  };
  const headers = [
    ['host', 'api.example.test'],
    ['x-b', '1'],
    ['x-a', '2'],
    ['x-b', '3'],
    ['x-latin', 'caf\u00e9'],
  ] as const;

  it('is the method, path, headers in their order with duplicates, and body as given', async () => {
    const text = await captured(request({ headers, path: '/a/../b//c?x=%2f&y=[1]' }), { bulk: null, fresh: false });
    expect(text).toMatch(/^POST \/a\/\.\.\/b\/\/c\?x=%2f&y=\[1\] HTTP\/1\.1\r\nhost: api\.example\.test\r\n/);
    expect(text).toContain('x-b: 1\r\nx-a: 2\r\nx-b: 3\r\nx-latin: caf\u00e9\r\n');
    expect(text.endsWith('content-length: 5\r\n\r\nhello')).toBe(true);
  });

  it('says close on a fresh connection and keep-alive on a shared one', async () => {
    expect(await captured(request(), { bulk: null, fresh: true })).toContain('connection: close\r\n');
    expect(await captured(request(), { bulk: null, fresh: false })).toContain('connection: keep-alive\r\n');
  });

  it('is a stream in chunks where no length is known', async () => {
    const bulk = Readable.from([Buffer.from('one'), Buffer.from('two')]);
    const text = await captured(request({ body: Buffer.alloc(0) }), { bulk, fresh: false });
    expect(text).toMatch(/transfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
  });

  it('goes out once per fresh send, each on its own connection with its own route', async () => {
    let connections = 0;
    const server = createHttpServer((_incoming, response) => response.end('ok'));
    server.on('connection', () => {
      connections += 1;
    });
    const port = await listening(server);
    const routes: Route[] = [];
    const executor = executorTo({ address: '127.0.0.1', port, ca: null }, routes);
    for (let count = 0; count < 3; count += 1) await outcome(executor, request(), { ...plain, fresh: true as false });
    expect([connections, routes.length]).toEqual([3, 3]);
    for (let count = 0; count < 10; count += 1) await outcome(executor, request());
    // A second one opens where the first is still settling; ten would mean that nothing is reused.
    expect(connections - 3).toBeLessThanOrEqual(2);
    expect(routes).toHaveLength(4);
  });
});

describe('giving up', () => {
  it('before the connection stands is not-reached, and nothing is sent', async () => {
    const port = await listening(createServer(() => {}));
    const executor = executorTo({ address: '127.0.0.1', port, ca: pair.certPem });
    const controller = new AbortController();
    const sent = outcome(executor, request({ scheme: 'https', port: 443 }), { ...plain, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect(await sent).toBe('upstream-not-reached');
    expect(await outcome(executor, request(), { ...plain, signal: AbortSignal.abort() })).toBe('upstream-not-reached');
  });

  it('after the request was sent is unknown, and ends the connection', async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const controller = new AbortController();
    const port = await listening(
      createServer((socket) => {
        socket.on('data', () => controller.abort());
        socket.on('close', closed);
      }),
    );
    const executor = executorTo({ address: '127.0.0.1', port, ca: null });
    expect(await outcome(executor, request(), { ...plain, signal: controller.signal })).toBe('upstream-broken');
    await gone;
  });
});

afterAll(() => expect(executors).toEqual([]));
