// What the channel knows of one agent connection: who it is, where its tunnel leads, whose turn it is. Identity is set
// once per connection by its Proxy-Authorization and never changes; the connection dies with its session.
// No HTTP is read here (head.ts does) and no socket is opened (channel.ts and connect.ts do).

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CertificateAuthority } from '../../platform/certificates.ts';
import { rawAnswer } from './answer.ts';
import type { ExchangeOptions } from './exchange.ts';
import type { Place } from './head.ts';
import type { Interception } from './interception.ts';
import type { HttpAnswer, HttpChannelPort, HttpSession } from './port.ts';
import { type Refusal, refusals } from './refusals.ts';

export interface HttpChannelOptions {
  readonly host: string;
  readonly port: number;
  readonly ca: CertificateAuthority;
  /** Bodies up to here are read whole and judged; larger ones are refused unless bulk. Default 1 MiB. */
  readonly classifyBytesMax?: number;
  /** Intercepted host names kept ready. Default 256. */
  readonly hostsMax?: number;
  readonly connectionsMax?: number;
  readonly headBytesMax?: number;
  readonly log: (event: string, detail: Readonly<Record<string, string | number>>) => void;
}

/** One agent connection, or the inside of its tunnel. */
export interface Wire {
  /** null: nobody identified yet (proxy connections only). */
  session: HttpSession | null;
  /** Proxy-Authorization as first sent on this connection. */
  authorization: string | null;
  /** Non-null inside a tunnel. */
  readonly tunnel: Place | null;
  /** False if TLS named another host than CONNECT did: every request inside gets 421. */
  readonly namesTarget: boolean;
  busy: boolean;
  submitted: boolean;
  readonly waiting: (() => void)[];
}

export function newWire(session: HttpSession | null, tunnel: Place | null, namesTarget: boolean): Wire {
  return { session, authorization: null, tunnel, namesTarget, busy: false, submitted: false, waiting: [] };
}

export interface Context {
  readonly options: HttpChannelOptions;
  readonly port: HttpChannelPort;
  readonly exchange: ExchangeOptions;
  readonly server: Server;
  readonly interception: Interception;
  readonly wires: WeakMap<Duplex, Wire>;
  readonly sockets: Set<Socket>;
}

export interface Message {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly expects: 'continue' | null;
}

const lingerMs = 1_000;

export function proxyAuthorization(request: IncomingMessage): string | null {
  const found: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === 'proxy-authorization')
      found.push(request.rawHeaders[index + 1] ?? '');
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Ends a socket after its last bytes; what the client still sends is thrown away so that it gets to read them. */
export function endWith(socket: Duplex, answer: HttpAnswer): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.on('error', () => socket.destroy());
  socket.end(rawAnswer(answer));
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

/** Identifies the agent once per connection and ties the connection's life to the session's. */
export function identify(
  context: Context,
  wire: Wire,
  socket: Socket,
  authorization: string | null,
  target: string,
): Refusal | null {
  if (wire.session !== null) return authorization === wire.authorization ? null : refusals.otherToken;
  const { remoteAddress, remotePort, localPort } = socket;
  const peer = { address: remoteAddress ?? '', port: remotePort ?? 0, localPort: localPort ?? 0 };
  const session = context.port.open(authorization, peer, target);
  if (session === null) return refusals.noToken;
  const end = () => socket.destroy();
  socket.once('close', () => {
    session.ended.removeEventListener('abort', end);
    context.port.close(session);
  });
  if (session.ended.aborted) {
    socket.destroy();
    return refusals.noToken;
  }
  session.ended.addEventListener('abort', end, { once: true });
  wire.session = session;
  wire.authorization = authorization;
  return null;
}

/** Lets the next request of the connection begin once this one's answer is out. */
export function takeTurn(wire: Wire, message: Message, run: () => void): void {
  const start = () => {
    wire.busy = true;
    wire.submitted = false;
    message.response.once('close', () => {
      wire.busy = false;
      wire.waiting.shift()?.();
    });
    if (!message.response.destroyed) run();
  };
  if (wire.busy) wire.waiting.push(start);
  else start();
}
