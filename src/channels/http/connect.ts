// CONNECT: identify the agent, ask where the host stands, then either splice a blind tunnel, end TLS in front of it, or
// read plain HTTP inside it. Nothing else goes through a tunnel. Requests inside come back to channel.ts by the same
// listener, with the tunnel's target fixed in their wire.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HoldpointError } from '../../platform/fault.ts';
import { type Authority, parseAuthority } from './authority.ts';
import type { HttpSession } from './port.ts';
import { notForAgents, type Refusal, refusals } from './refusals.ts';
import { runTunnel } from './tunnel.ts';
import { type Context, endWith, identify, newWire, proxyAuthorization, type Wire } from './wire.ts';

const silenceAfterConnectMs = 60_000;
const upstreamConnectMs = 10_000;

/** Reads a CONNECT: who, where to, and may the host be spoken to at all. */
function readConnect(
  context: Context,
  wire: Wire,
  request: IncomingMessage,
  socket: Socket,
): { readonly target: Authority; readonly session: HttpSession; readonly blind: boolean } | Refusal {
  if (wire.tunnel !== null) return refusals.nestedConnect;
  // A CONNECT behind an unanswered request, or with a body, would put two messages into one place.
  if (wire.busy || request.headers['transfer-encoding'] !== undefined) return refusals.badFraming;
  if ((request.headers['content-length'] ?? '0') !== '0') return refusals.badFraming;
  const target = parseAuthority(request.url ?? '', null);
  const refused = identify(context, wire, socket, proxyAuthorization(request), target?.host ?? '');
  if (refused !== null || wire.session === null) return refused ?? refusals.noToken;
  if (target === null) return refusals.badTarget;
  const kind = context.port.classOf(target.host, target.port, wire.session);
  if (kind.kind === 'refused') return { status: 403, reason: kind.reason };
  return { target, session: wire.session, blind: kind.kind === 'tunnel' };
}

export function onConnect(context: Context, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const wire = context.wires.get(socket);
  if (wire === undefined) {
    socket.destroy();
    return;
  }
  socket.on('error', () => socket.destroy());
  const read = readConnect(context, wire, request, socket);
  if ('reason' in read) {
    endWith(socket, context.port.refuse(wire.session, read.status, read.reason));
    return;
  }
  const { target, session } = read;
  if (head.length > 0) socket.unshift(head);
  if (read.blind) void openBlind(context, socket, target, session);
  else openIntercepted(context, socket, target, session);
}

async function openBlind(context: Context, socket: Socket, target: Authority, session: HttpSession): Promise<void> {
  const onRefused = (refusal: Refusal) => context.port.refuse(session, refusal.status, refusal.reason);
  try {
    // Resolved before the 200, so that an unreachable host is a readable answer and not a broken handshake.
    const route = await context.port.route(target.host, target.port);
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    runTunnel(socket, { host: target.host, route, connectTimeoutMs: upstreamConnectMs, onRefused });
  } catch (error) {
    const refused = error instanceof HoldpointError && notForAgents.has(error.code);
    endWith(socket, onRefused(refused ? { status: 403, reason: error.reason } : refusals.unreachable));
  }
}

function openIntercepted(context: Context, socket: Socket, target: Authority, session: HttpSession): void {
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  const onSilence = () => socket.destroy();
  socket.setTimeout(silenceAfterConnectMs, onSilence);
  const onReadable = () => {
    const first: Buffer | null = socket.read();
    if (first === null) return;
    socket.off('readable', onReadable).off('timeout', onSilence).setTimeout(0);
    socket.unshift(first);
    const lead = first[0] ?? 0;
    if (lead === 0x16) {
      context.interception.accept(socket, target.host, ({ socket: secure, namesTarget }) => {
        secure.on('error', () => secure.destroy());
        context.wires.set(secure, newWire(session, { kind: 'tunnel', scheme: 'https', target }, namesTarget));
        context.server.emit('connection', secure);
      });
    } else if (lead >= 0x41 && lead <= 0x5a) {
      context.wires.set(socket, newWire(session, { kind: 'tunnel', scheme: 'http', target }, true));
      context.server.emit('connection', socket);
    } else {
      context.port.refuse(session, refusals.notTls.status, refusals.notTls.reason);
      socket.destroy();
    }
  };
  socket.on('readable', onReadable);
}
