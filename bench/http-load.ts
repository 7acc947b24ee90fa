// The load generator of the HTTP bench: keep-alive TLS connections, directly or through a CONNECT proxy, one request at
// a time on each. Parses only what it must, so that it costs little beside what is measured on the same machine.

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';

export interface Way {
  readonly name: 'direct' | 'tunnel' | 'mitmproxy' | 'holdpoint';
  /** null: no proxy. */
  readonly proxyPort: number | null;
  readonly authorization: string | null;
  readonly host: string;
  readonly port: number;
  readonly trust: SecureContext;
  /** Process whose cost is counted; null for none. */
  readonly pid: number | null;
}

export function trusting(caPem: string): SecureContext {
  return createSecureContext({ ca: caPem });
}

function onceConnected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
  });
}

async function throughProxy(way: Way, proxyPort: number): Promise<Socket> {
  const socket = connectTcp({ port: proxyPort, host: '127.0.0.1', noDelay: true });
  await onceConnected(socket, 'connect');
  const authorization = way.authorization === null ? '' : `Proxy-Authorization: ${way.authorization}\r\n`;
  socket.write(`CONNECT ${way.host}:${way.port} HTTP/1.1\r\nHost: ${way.host}:${way.port}\r\n${authorization}\r\n`);
  const answer = await new Promise<string>((resolve, reject) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
    socket.once('close', () => reject(new Error(`${way.name} closed the connection at CONNECT.`)));
  });
  if (!/^HTTP\/1\.[01] 200/.test(answer)) throw new Error(`${way.name} refused CONNECT: ${answer}`);
  return socket;
}

export async function open(way: Way): Promise<TLSSocket> {
  const common = { servername: way.host, secureContext: way.trust, ALPNProtocols: ['http/1.1'] };
  const socket =
    way.proxyPort === null
      ? connectTls({ ...common, port: way.port, host: '127.0.0.1' })
      : connectTls({ ...common, socket: await throughProxy(way, way.proxyPort) });
  socket.setNoDelay(true);
  await onceConnected(socket, 'secureConnect');
  return socket;
}

export interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
}

/** Sends one request and waits for the whole answer, which must carry a Content-Length. `onBytes` sees body progress. */
export function ask(socket: TLSSocket, head: string, body: () => void = () => {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = '';
    let status = 0;
    let wanted = -1;
    let have = 0;
    const finish = () => {
      socket.off('data', onData).off('close', onClose);
      resolve({ status, bodyBytes: have });
    };
    const onClose = () => reject(new Error('The connection closed in the middle of an answer.'));
    const onData = (chunk: Buffer) => {
      if (wanted === -1) {
        text += chunk.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        if (end === -1) return;
        status = Number(text.slice(9, 12));
        wanted = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
        have = text.length - end - 4;
      } else have += chunk.length;
      if (have >= wanted) finish();
    };
    socket.on('data', onData).on('close', onClose);
    socket.write(head);
    body();
  });
}

export function getRequest(way: Way, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${way.host}:${way.port}\r\nAccept: application/json\r\nUser-Agent: bench\r\n\r\n`;
}

/** Runs `connections` in parallel until the time is over or each has made its share of `requestsMax`. */
export async function load(
  way: Way,
  options: { readonly connections: number; readonly durationMs: number; readonly requestsMax: number },
): Promise<{ readonly requests: number; readonly seconds: number; readonly latenciesMs: readonly number[] }> {
  const sockets = await Promise.all(Array.from({ length: options.connections }, () => open(way)));
  const request = getRequest(way, '/');
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + options.durationMs;
  await Promise.all(
    sockets.map(async (socket) => {
      for (let beginMs = startMs; beginMs < endMs && latenciesMs.length < options.requestsMax; ) {
        beginMs = performance.now();
        const answer = await ask(socket, request);
        if (answer.status !== 200) throw new Error(`${way.name} answered ${answer.status}.`);
        latenciesMs.push(performance.now() - beginMs);
      }
      socket.destroy();
    }),
  );
  return { requests: latenciesMs.length, seconds: (performance.now() - startMs) / 1_000, latenciesMs };
}
