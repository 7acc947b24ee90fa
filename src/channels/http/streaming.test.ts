// Bytes in quantity and over time: event streams, 100-continue, limits, pipelines, bulk both ways, blind tunnels.
// Backpressure is tested by stalling one end and seeing the other stop, not by watching the clock.

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCertificateAuthority, loadCertificateAuthority } from '../../platform/certificates.ts';
import { type HttpLab, listenLocal, readUntil, runProgram, startHttpLab } from '../../testing/http-lab.ts';

const host = 'api.example.test';
const model = 'model.example.test';
const megabyte = 1_048_576;
const block = randomBytes(65_536);

let events: ServerResponse | null = null;
let written = 0;

function pour(response: ServerResponse, size: number): void {
  response.writeHead(200, { 'content-length': size });
  let left = size;
  const more = () => {
    while (left > 0) {
      const piece = block.subarray(0, Math.min(left, block.length));
      left -= piece.length;
      written += piece.length;
      if (!response.write(piece)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  response.on('close', () => response.off('drain', more));
  more();
}

let taken = 0;
let sink: 'reads' | 'stalls' = 'reads';
const listener: RequestListener = (request, response) => {
  const url = request.url ?? '';
  if (url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    events = response;
  } else if (url.startsWith('/bytes/')) pour(response, Number(url.slice(7)));
  else if (url === '/broken') {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.socket?.destroy());
  } else if (url === '/refuses-early') {
    response.writeHead(403, { 'content-length': 2, connection: 'close' }).end('no');
  } else if (sink === 'stalls' && request.method === 'PUT') {
    // Reads nothing: the sender must come to a halt.
  } else {
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => {
      taken += chunk.length;
      hash.update(chunk);
    });
    request.on('end', () => response.end(`${url} ${hash.digest('hex')}`));
  }
};

const nowMs = () => Date.now();
const modelCa = createCertificateAuthority({ name: 'Model', notBeforeMs: nowMs() - 60_000, days: 9 });
const modelLeaf = loadCertificateAuthority(modelCa, { nowMs }).leafFor(model);
const modelServer = createHttpsServer({ key: modelLeaf.keyPem, cert: modelLeaf.certPem }, listener);

let lab: HttpLab;
beforeAll(async () => {
  const port = await listenLocal(modelServer);
  lab = await startHttpLab({
    listener,
    hosts: [host],
    extraRoutes: new Map([[`${model}:443`, { address: '127.0.0.1', port, ca: null }]]),
    port: { isBulk: (head) => head.path.startsWith('/bulk'), tunnels: [model] },
  });
});
afterAll(async () => {
  await lab.close();
  modelServer.close();
  modelServer.closeAllConnections();
});
beforeEach(() => {
  lab.port.submitted.length = 0;
  written = 0;
  taken = 0;
  sink = 'reads';
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Waits until a counter has not moved for a while: whoever moved it has come to a halt. */
async function halted(count: () => number): Promise<number> {
  for (let before = -1; ; ) {
    const now = count();
    if (now === before && now > 0) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe('answers', () => {
  it('arrive event by event, the head before the first of them', async () => {
    const socket = await lab.secure(`${host}:443`, host);
    const head = readUntil(socket, '\r\n\r\n');
    socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(await head).toContain('text/event-stream');
    for (const event of ['one', 'two', 'three']) {
      const arrived = readUntil(socket, `data: ${event}\n\n`);
      events?.write(`data: ${event}\n\n`);
      expect(await arrived).toContain(`data: ${event}\n\n`);
    }
    const gone = new Promise((resolve) => events?.once('close', resolve));
    socket.destroy();
    // The agent's hang-up reaches the origin: a stream nobody reads is not kept open.
    await gone;
  });

  it('that break off upstream break off here', async () => {
    const ran = await lab.curl(`https://${host}/broken`);
    expect(ran.code).toBe(18);
    expect(ran.out).toBe('half');
  });

  it('of 100 MB come through whole', async () => {
    const ran = await lab.curl(
      '-o',
      '/dev/null',
      '-w',
      '%{size_download} %{http_code}',
      `https://${host}/bytes/${100 * megabyte}`,
    );
    expect(ran).toEqual({ code: 0, out: `${100 * megabyte} 200`, err: '' });
  });

  it('nobody reads stop the origin', async () => {
    const socket = await lab.secure(`${host}:443`, host);
    socket.pause();
    socket.write(`GET /bytes/${100 * megabyte} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(await halted(() => written)).toBeLessThan(40 * megabyte);
    socket.destroy();
  });

  it('to HEAD have a length and no body', async () => {
    const ran = await lab.curl('-I', `https://${host}/bytes/5`, `https://${host}/bytes/7`);
    expect(ran.err).toBe('');
    expect(ran.out).toContain('content-length: 5');
    expect(ran.out).toContain('content-length: 7');
  });
});

describe('request bodies', () => {
  it('are invited with 100 Continue before they are judged', async () => {
    const ran = await lab.curl('-v', '-H', 'Expect: 100-continue', '-d', 'hello', `https://${host}/x`);
    expect(ran.err).toContain('HTTP/1.1 100 Continue');
    expect(ran.out).toBe(`/x ${sha256(Buffer.from('hello'))}`);
    expect(lab.port.submitted[0]?.headers.map(([name]) => name)).not.toContain('expect');
  });

  it('over the limit are not invited but refused with 413', async () => {
    const file = join(lab.dir, 'large');
    writeFileSync(file, Buffer.alloc(2 * megabyte, 1));
    const ran = await lab.curl('-v', '-H', 'Expect: 100-continue', '--data-binary', `@${file}`, `https://${host}/x`);
    expect(ran.err).not.toContain('100 Continue');
    expect(ran.out).toContain('body-over-limit');
    expect(lab.port.submitted).toEqual([]);
  });

  it.each([
    ['with a length', []],
    ['in chunks', ['-H', 'Transfer-Encoding: chunked']],
  ])('over the limit %s get a readable 413', async (_what, more) => {
    const file = join(lab.dir, 'large');
    writeFileSync(file, Buffer.alloc(8 * megabyte, 1));
    const args = ['-w', '\n%{http_code}', '-H', 'Expect:', ...more, '--data-binary', `@${file}`, `https://${host}/x`];
    const ran = await lab.curl(...args);
    expect(ran.out).toMatch(/body-over-limit[\s\S]*\n413$/);
    expect(lab.port.submitted).toEqual([]);
  });

  it('of exactly the limit are judged, and one byte more is not', async () => {
    for (const [size, status] of [
      [megabyte, '200'],
      [megabyte + 1, '413'],
    ] as const) {
      const file = join(lab.dir, `size-${size}`);
      writeFileSync(file, Buffer.alloc(size, 1));
      for (const more of [[], ['-H', 'Transfer-Encoding: chunked']]) {
        const args = ['-o', '/dev/null', '-w', '%{http_code}', '-H', 'Expect:', ...more, '--data-binary', `@${file}`];
        expect((await lab.curl(...args, `https://${host}/x`)).out).toBe(status);
      }
    }
    expect(lab.port.submitted.map((request) => request.body.length)).toEqual([megabyte, megabyte]);
  });

  it('in chunks arrive joined, byte for byte and still encoded', async () => {
    const socket = await lab.secure(`${host}:443`, host);
    const answer = readUntil(socket, '/x ');
    socket.write(`POST /x HTTP/1.1\r\nHost: ${host}\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`);
    socket.write('3\r\n\x1f\x8b\0\r\n', 'latin1');
    socket.write('2;ext=1\r\n\xff\xfe\r\n0\r\n\r\n', 'latin1');
    await answer;
    expect(Buffer.from(lab.port.submitted[0]?.body ?? [])).toEqual(Buffer.from('1f8b00fffe', 'hex'));
    expect(lab.port.submitted[0]?.headers).toContainEqual(['content-encoding', 'gzip']);
    expect(lab.port.submitted[0]?.headers.map(([name]) => name)).not.toContain('transfer-encoding');
    socket.destroy();
  });

  it.each([
    ['with a length', []],
    ['in chunks', ['-H', 'Transfer-Encoding: chunked']],
  ])('of 100 MB stream through a bulk route %s', async (_what, more) => {
    const file = join(lab.dir, 'bulk');
    writeFileSync(file, Buffer.alloc(100 * megabyte, 7));
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    const ran = await lab.curl(...more, '-H', 'Expect:', '-T', file, `https://${host}/bulk`);
    expect(ran.out).toBe(`/bulk ${hash.digest('hex')}`);
    expect(lab.port.submitted[0]?.body).toHaveLength(0);
    expect(taken).toBe(100 * megabyte);
  });

  it('of a bulk route stop where the origin does not read', async () => {
    sink = 'stalls';
    const socket = await lab.secure(`${host}:443`, host);
    socket.write(`PUT /bulk HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${100 * megabyte}\r\n\r\n`);
    let sent = 0;
    const more = () => {
      while (sent < 100 * megabyte) {
        sent += block.length;
        if (!socket.write(block)) {
          socket.once('drain', more);
          return;
        }
      }
    };
    more();
    expect(await halted(() => sent)).toBeLessThan(40 * megabyte);
    socket.destroy();
  });

  it('of a bulk route that the origin refuses early end with its answer', async () => {
    const file = join(lab.dir, 'bulk');
    writeFileSync(file, Buffer.alloc(4 * megabyte, 7));
    const bulk = await startHttpLab({ listener, hosts: [host], port: { isBulk: () => true } });
    const ran = await bulk.curl('-w', '\n%{http_code}', '-H', 'Expect:', '-T', file, `https://${host}/refuses-early`);
    expect(ran.out).toMatch(/^(no\n403|[\s\S]*upstream-broken[\s\S]*)$/);
    await bulk.close();
  });
});

describe('a connection', () => {
  it('serves several requests, one after the other', async () => {
    const ran = await lab.curl('-w', '%{num_connects} ', `https://${host}/1`, `https://${host}/2`, `https://${host}/3`);
    expect(ran.out.match(/\/[123] /g)).toEqual(['/1 ', '/2 ', '/3 ']);
    expect(
      ran.out
        .match(/[01] (?=\/|$)/g)
        ?.map(Number)
        .reduce((sum, count) => sum + count),
    ).toBe(1);
  });

  it('answers pipelined requests in order, and submits none before the one ahead is answered', async () => {
    const order: string[] = [];
    const slow = await startHttpLab({
      listener,
      hosts: [host],
      port: {
        submit: async (_session, request) => {
          order.push(`in ${request.path}`);
          await new Promise((resolve) => setTimeout(resolve, request.path === '/1' ? 50 : 0));
          order.push(`out ${request.path}`);
          return { kind: 'own', status: 200, headers: [], body: `<${request.path}>` };
        },
      },
    });
    const socket = await slow.secure(`${host}:443`, host);
    const all = readUntil(socket, '</3>');
    const post = (path: string) => `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\n\r\nhi`;
    socket.write(post('/1') + post('/2') + post('/3'));
    expect((await all).match(/<[^>]*>/g)).toEqual(['</1>', '</2>', '</3>']);
    expect(order).toEqual(['in /1', 'out /1', 'in /2', 'out /2', 'in /3', 'out /3']);
    await slow.close();
  });

  it('survives a port that throws, and denies', async () => {
    const broken = await startHttpLab({
      listener,
      hosts: [host],
      port: { submit: () => Promise.reject(new Error('bug')) },
    });
    const ran = await broken.curl('-w', '\n%{http_code}', `https://${host}/`);
    expect(ran.out).toMatch(/gateway-fault[\s\S]*\n500$/);
    await broken.close();
  });
});

describe('a blind tunnel', () => {
  const args = (ca: string) => ['-sS', '-m', '60', '-x', lab.proxyUrl, '--cacert', ca];

  it('carries 20 MB up and down without being read', async () => {
    const ca = join(lab.dir, 'model-ca.pem');
    writeFileSync(ca, modelCa.certPem);
    const file = join(lab.dir, 'twenty');
    const bytes = randomBytes(20 * megabyte);
    writeFileSync(file, bytes);
    const up = await runProgram('/usr/bin/curl', [
      ...args(ca),
      '-H',
      'Expect:',
      '--data-binary',
      `@${file}`,
      `https://${model}/up`,
    ]);
    expect(up).toEqual({ code: 0, out: `/up ${sha256(bytes)}`, err: '' });
    const down = await runProgram('/usr/bin/curl', [
      ...args(ca),
      ...['-o', '/dev/null', '-w', '%{size_download}', `https://${model}/bytes/${20 * megabyte}`],
    ]);
    expect(down.out).toBe(String(20 * megabyte));
    expect(lab.port.submitted).toEqual([]);
  });

  it('stops the sender where nobody reads', async () => {
    const raw = await lab.tunnel(`${model}:443`);
    const socket = connectTls({ socket: raw, servername: model, ca: modelCa.certPem });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.pause();
    socket.write(`GET /bytes/${100 * megabyte} HTTP/1.1\r\nHost: ${model}\r\n\r\n`);
    expect(await halted(() => written)).toBeLessThan(40 * megabyte);
    socket.destroy();
  });
});
