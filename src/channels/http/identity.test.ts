// Who is asking: 407 in all its forms, identity fixed by the CONNECT, and sessions whose end takes every socket along.

import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  agent,
  authorization,
  type HttpLab,
  listenLocal,
  readUntil,
  runProgram,
  startHttpLab,
  token,
} from '../../testing/http-lab.ts';
import { basicAuthorization } from '../../testing/http-port.ts';
import { refusals } from './refusals.ts';

const host = 'api.example.test';
const model = 'model.example.test';
const listener: RequestListener = (request, response) => {
  if (request.url === '/never') return;
  if (request.url === '/drip') {
    response.write('first');
    return;
  }
  response.end('upstream');
};

let lab: HttpLab;
let modelConnections: Set<Duplex>;
const silent = createHttpsServer({}, () => {});
beforeAll(async () => {
  modelConnections = new Set();
  silent.on('connection', (socket) => modelConnections.add(socket));
  const port = await listenLocal(silent);
  lab = await startHttpLab({
    listener,
    hosts: [host, 'other.test', '10.0.0.5'],
    extraRoutes: new Map([[`${model}:443`, { address: '127.0.0.1', port, ca: null }]]),
    port: { tunnels: [model, 'dead.example.test', 'ours.test'], refused: ['refused.test'], forbidden: ['ours.test'] },
  });
});
afterAll(async () => {
  await lab.close();
  silent.close();
  for (const socket of modelConnections) socket.destroy();
});
beforeEach(() => {
  lab.port.submitted.length = 0;
  lab.port.refusals.length = 0;
  lab.port.opened.length = 0;
  lab.port.closed.length = 0;
});

function closed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve()).resume();
  });
}

const wrong: readonly (readonly [what: string, header: string])[] = [
  ['no token', ''],
  ['a wrong token', `Proxy-Authorization: ${basicAuthorization(agent, 'nope')}\r\n`],
  ['a wrong agent', `Proxy-Authorization: ${basicAuthorization('other', token)}\r\n`],
  ['an empty header', 'Proxy-Authorization:\r\n'],
  ['another scheme', 'Proxy-Authorization: Digest x\r\n'],
  ['two headers', `Proxy-Authorization: ${authorization}\r\nProxy-Authorization: ${authorization}\r\n`],
  ['the token in Authorization', `Authorization: ${authorization}\r\n`],
];

describe('407', () => {
  const lines = [`CONNECT ${host}:443`, `CONNECT refused.test:443`, `GET http://${host}/`, 'GET ftp://x/'];
  it.each(wrong.flatMap(([what, header]) => lines.map((line) => [line, what, header] as const)))(
    '%s with %s',
    async (line, _what, header) => {
      const socket = await lab.raw();
      const answer = readUntil(socket, '"doNot"');
      socket.write(`${line} HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n`);
      const text = await answer;
      expect(text).toMatch(/^HTTP\/1\.1 407 /);
      expect(text.toLowerCase()).toContain('\r\nproxy-authenticate: basic realm=');
      expect(lab.port.submitted).toEqual([]);
      expect(lab.port.opened).toEqual([]);
      socket.destroy();
    },
  );

  it('is what curl sees without a token, for https and http', async () => {
    const proxy = `http://127.0.0.1:${lab.channel.address.port}`;
    const secure = await runProgram('/usr/bin/curl', ['-sS', '-x', proxy, `https://${host}/`]);
    expect(secure.err).toContain('407');
    const plain = await runProgram('/usr/bin/curl', [
      '-sS',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-x',
      proxy,
      `http://${host}/`,
    ]);
    expect(plain.out).toBe('407');
  });

  it('is not given to Bearer with the right token', async () => {
    const ran = await runProgram('/usr/bin/curl', [
      ...['-sS', '-x', `http://127.0.0.1:${lab.channel.address.port}`, '--cacert', lab.caFile],
      ...['--proxy-header', `Proxy-Authorization: Bearer ${token}`, `https://${host}/`],
    ]);
    expect(ran.out).toBe('upstream');
  });

  it('meets a second agent on the connection of the first', async () => {
    const socket = await lab.raw();
    const first = readUntil(socket, 'upstream');
    socket.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: ${authorization}\r\n\r\n`);
    await first;
    const second = readUntil(socket, '"doNot"');
    socket.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: Bearer ${token}\r\n\r\n`);
    expect(await second).toContain('agent-token-changed');
    expect(lab.port.submitted).toHaveLength(1);
    socket.destroy();
  });
});

describe('hosts', () => {
  it('that are refused get 403 with the reason, for CONNECT and absolute form', async () => {
    for (const line of ['CONNECT refused.test:443', 'GET http://refused.test/']) {
      const socket = await lab.raw();
      const answer = readUntil(socket, '"doNot"');
      socket.write(`${line} HTTP/1.1\r\nHost: refused.test\r\nProxy-Authorization: ${authorization}\r\n\r\n`);
      const text = await answer;
      expect(text).toMatch(/^HTTP\/1\.1 403 /);
      expect(text).toContain('host-refused');
      socket.destroy();
    }
  });

  const names: readonly (readonly [servername: string, hostHeader: string, status: number])[] = [
    [host, host, 200],
    [host.toUpperCase(), host, 200],
    [host, `${host}:443`, 200],
    ['other.test', host, 421],
    ['', host, 421],
    [host, 'other.test', 421],
    ['other.test', 'other.test', 421],
  ];
  it.each(names)('CONNECT with server name %s and Host %s -> %i', async (servername, hostHeader, status) => {
    const socket = await lab.secure(`${host}:443`, servername);
    const answer = readUntil(socket, /"doNot"|upstream/);
    socket.write(`GET / HTTP/1.1\r\nHost: ${hostHeader}\r\n\r\n`);
    expect((await answer).slice(9, 12)).toBe(String(status));
    expect(lab.port.submitted).toHaveLength(status === 200 ? 1 : 0);
  });

  it('that are IP literals need no server name', async () => {
    const socket = await lab.secure('10.0.0.5:443', '');
    const answer = readUntil(socket, /"doNot"|upstream/);
    socket.write('GET / HTTP/1.1\r\nHost: 10.0.0.5\r\n\r\n');
    expect(await answer).toContain('upstream');
  });

  it('get HTTP/1.1 only: a client that insists on h2 is not served', async () => {
    const raw = await lab.tunnel(`${host}:443`);
    const socket = connectTls({ socket: raw, servername: host, ca: lab.caPem, ALPNProtocols: ['h2'] });
    const failed = await new Promise<string>((resolve) => {
      socket.once('error', (error) => resolve(error.message));
      socket.once('secureConnect', () => resolve(`served ${socket.alpnProtocol}`));
    });
    expect(failed).toContain('no application protocol');
  });

  it.each([
    ['SSH', 'SSH-2.0-x\r\n', 'request-unreadable'],
    ['zeros', '\0\0\0\0', 'protocol-not-served'],
  ])('get nothing but TLS and HTTP: %s ends the tunnel', async (_what, bytes, code) => {
    const socket = await lab.tunnel(`${host}:443`);
    socket.write(bytes);
    await closed(socket);
    expect(lab.port.refusals.at(-1)?.reason.code).toBe(code);
    expect(lab.port.submitted).toEqual([]);
  });
});

describe('the end of a session', () => {
  const starts: readonly (readonly [what: string, start: () => Promise<Socket>])[] = [
    ['an idle tunnel', () => lab.tunnel(`${host}:443`)],
    ['a TLS connection', () => lab.secure(`${host}:443`, host)],
    [
      'a request without an answer',
      async () => {
        const socket = await lab.secure(`${host}:443`, host);
        socket.write(`GET /never HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        while (lab.port.submitted.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        return socket;
      },
    ],
    [
      'a streaming answer',
      async () => {
        const socket = await lab.secure(`${host}:443`, host);
        const begun = readUntil(socket, 'first');
        socket.write(`GET /drip HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        await begun;
        return socket;
      },
    ],
    [
      'a blind tunnel',
      async () => {
        const before = modelConnections.size;
        const socket = await lab.tunnel(`${model}:443`);
        connectTls({ socket, servername: model }).on('error', () => {});
        while (modelConnections.size === before) await new Promise((resolve) => setTimeout(resolve, 5));
        return socket;
      },
    ],
  ];
  it.each(starts)('ends %s at once', async (_what, start) => {
    const socket = await start();
    const gone = closed(socket);
    const session = lab.port.opened.at(-1);
    session?.end();
    await gone;
    while (lab.port.closed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lab.port.closed).toEqual([session]);
    for (const upstream of modelConnections) await closed(upstream);
  });

  it('is reported once when the client hangs up, which also aborts the request in flight', async () => {
    const aborts: string[] = [];
    const waiting = await startHttpLab({
      listener,
      hosts: [host],
      port: {
        submit: (_session, _request, _bulk, client) =>
          new Promise((resolve) => {
            client.addEventListener('abort', () => {
              aborts.push('aborted');
              resolve({ kind: 'own', status: 200, headers: [], body: 'nobody reads this' });
            });
          }),
      },
    });
    const socket = await waiting.secure(`${host}:443`, host);
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    while (waiting.port.submitted.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    while (waiting.port.closed.length === 0 || aborts.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(aborts).toEqual(['aborted']);
    expect(waiting.port.closed).toEqual(waiting.port.opened);
    await waiting.close();
  });
});

describe('a blind tunnel', () => {
  it.each([
    ['that is not reached', 'dead.example.test', 502, refusals.unreachable.reason.code],
    ['that may not be reached', 'ours.test', 403, 'address-forbidden'],
  ])('to a host %s is refused before it opens', async (_what, name, status, code) => {
    const socket = await lab.raw();
    const answer = readUntil(socket, '"doNot"');
    socket.write(`CONNECT ${name}:443 HTTP/1.1\r\nProxy-Authorization: ${authorization}\r\n\r\n`);
    expect(await answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(lab.port.refusals.at(-1)?.reason.code).toBe(code);
    socket.destroy();
  });

  it.each([
    ['another server name', 'other.test', 'host-differs'],
    ['no server name', '', 'host-differs'],
  ])('with %s ends before a byte goes on', async (_what, servername, code) => {
    const before = modelConnections.size;
    const socket = await lab.tunnel(`${model}:443`);
    connectTls({ socket, servername }).on('error', () => {});
    await closed(socket);
    expect(lab.port.refusals.at(-1)?.reason.code).toBe(code);
    expect(modelConnections.size).toBe(before);
  });

  it('with plain HTTP ends before a byte goes on', async () => {
    const before = modelConnections.size;
    const socket = await lab.tunnel(`${model}:443`);
    socket.write(`GET / HTTP/1.1\r\nHost: ${model}\r\n\r\n`);
    await closed(socket);
    expect(lab.port.refusals.at(-1)?.reason.code).toBe('protocol-not-served');
    expect(modelConnections.size).toBe(before);
  });
});
