// A whole small world on loopback for tests of the HTTP channel: an authority, an origin under TLS and one in plain HTTP,
// the channel with the fake port, and clients (curl, raw sockets). Ends everything it started.
// Not a simulator: real sockets, real TLS, real curl.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type HttpChannel, startHttpChannel } from '../channels/http/channel.ts';
import type { Route } from '../channels/http/port.ts';
import { createUpstream } from '../channels/http/upstream.ts';
import type { HttpExecutor } from '../execute/executor.ts';
import { createCertificateAuthority, loadCertificateAuthority, type PemPair } from '../platform/certificates.ts';
import { basicAuthorization, type FakeHttpPort, type FakeHttpPortOptions, fakeHttpPort } from './http-port.ts';

export const agent = 'tester';
/** Made at run time: nothing in the sources looks like a token. */
export const token = ['lab', 'x'.repeat(12)].join('-');
export const authorization = basicAuthorization(agent, token);

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end without a shell and with nothing of our environment but PATH. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { PATH } = process.env;
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, ...env },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

export function listenLocal(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

export interface HttpLab {
  readonly channel: HttpChannel;
  readonly port: FakeHttpPort;
  readonly executor: HttpExecutor;
  readonly caFile: string;
  readonly caPem: string;
  readonly upstream: PemPair;
  readonly proxyUrl: string;
  readonly dir: string;
  curl(...args: readonly string[]): Promise<Ran>;
  /** A raw TCP connection to the proxy. */
  raw(): Promise<Socket>;
  /** A CONNECT that was answered; the socket is now inside the tunnel. */
  tunnel(target: string): Promise<Socket>;
  /** TLS inside a tunnel. */
  secure(target: string, servername: string): Promise<TLSSocket>;
  close(): Promise<void>;
}

export interface HttpLabOptions {
  readonly listener: RequestListener;
  /** Names that lead to the TLS origin at port 443 and to the plain one at port 80. */
  readonly hosts: readonly string[];
  readonly extraRoutes?: ReadonlyMap<string, Route>;
  readonly port?: Partial<FakeHttpPortOptions>;
  readonly classifyBytesMax?: number;
}

/** Reads until the text contains `until` (or the socket ends) and gives all of it. */
export function readUntil(socket: Socket, until: string | RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const found = () => (typeof until === 'string' ? text.includes(until) : until.test(text));
    const finish = () => {
      socket.off('data', onData).off('close', finish).off('end', finish);
      resolve(text);
    };
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (found()) finish();
    };
    socket.on('data', onData).on('close', finish).on('end', finish);
  });
}

interface Origins {
  readonly routes: Map<string, Route>;
  readonly upstream: PemPair;
  close(): void;
}

async function startOrigins(options: HttpLabOptions, nowMs: () => number): Promise<Origins> {
  const upstream = createCertificateAuthority({ name: 'Upstream of the lab', notBeforeMs: nowMs() - 60_000, days: 30 });
  const authority = loadCertificateAuthority(upstream, { nowMs });
  const leaf = authority.leafFor(options.hosts[0] ?? 'origin.test');
  const secure = createHttpsServer(
    {
      key: leaf.keyPem,
      cert: leaf.certPem,
      SNICallback: async (name, done) => {
        const { createSecureContext } = await import('node:tls');
        const own = authority.leafFor(name);
        done(null, createSecureContext({ key: own.keyPem, cert: own.certPem }));
      },
    },
    options.listener,
  );
  const plain = createHttpServer(options.listener);
  const securePort = await listenLocal(secure);
  const plainPort = await listenLocal(plain);
  const routes = new Map<string, Route>(options.extraRoutes ?? []);
  for (const host of options.hosts) {
    routes.set(`${host}:443`, { address: '127.0.0.1', port: securePort, ca: upstream.certPem });
    routes.set(`${host}:80`, { address: '127.0.0.1', port: plainPort, ca: null });
  }
  const close = () => {
    for (const server of [secure, plain]) {
      server.close();
      server.closeAllConnections();
    }
  };
  return { routes, upstream, close };
}

function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
  });
}

function clients(address: AddressInfo, sockets: Set<Socket>) {
  const raw = async (): Promise<Socket> => {
    const socket = connect(address.port, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => {});
    await connected(socket, 'connect');
    return socket;
  };
  const tunnel = async (target: string): Promise<Socket> => {
    const socket = await raw();
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: ${authorization}\r\n\r\n`);
    const answer = await readUntil(socket, '\r\n\r\n');
    if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`CONNECT was refused: ${answer}`);
    return socket;
  };
  return { raw, tunnel };
}

export async function startHttpLab(options: HttpLabOptions): Promise<HttpLab> {
  const nowMs = () => Date.now();
  const dir = mkdtempSync(join(tmpdir(), 'holdpoint-http-'));
  const pair = createCertificateAuthority({ name: 'Holdpoint of the lab', notBeforeMs: nowMs() - 60_000, days: 30 });
  const caFile = join(dir, 'ca.pem');
  writeFileSync(caFile, pair.certPem);
  const origins = await startOrigins(options, nowMs);
  const route = async (host: string, port: number): Promise<Route> => {
    const found = origins.routes.get(`${host}:${port}`);
    if (found === undefined) throw new Error('The lab has no such host.');
    return found;
  };
  const executor = createUpstream({ route });
  const port = fakeHttpPort({ agent, token, executor, routes: origins.routes, keep: 'all', ...options.port });
  const channel = await startHttpChannel(port, {
    host: '127.0.0.1',
    port: 0,
    ca: loadCertificateAuthority(pair, { nowMs }),
    log: () => {},
    ...(options.classifyBytesMax === undefined ? {} : { classifyBytesMax: options.classifyBytesMax }),
  });
  const sockets = new Set<Socket>();
  const { raw, tunnel } = clients(channel.address, sockets);
  const proxyUrl = `http://${agent}:${token}@127.0.0.1:${channel.address.port}`;
  return {
    channel,
    port,
    executor,
    caFile,
    caPem: pair.certPem,
    upstream: origins.upstream,
    proxyUrl,
    dir,
    curl: (...args) => runProgram('/usr/bin/curl', ['-sS', '-m', '60', '-x', proxyUrl, '--cacert', caFile, ...args]),
    raw,
    tunnel,
    async secure(target, servername) {
      const socket = connectTls({
        socket: await tunnel(target),
        servername,
        ca: pair.certPem,
        checkServerIdentity: () => undefined,
      });
      sockets.add(socket);
      socket.on('error', () => {});
      await connected(socket, 'secureConnect');
      return socket;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await channel.close();
      await executor.close();
      origins.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
