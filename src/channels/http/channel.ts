// The agent-facing forward proxy: one listener for CONNECT and absolute-form requests, TLS interception, blind tunnels.
// The order is the security argument: identify (407), ask where the host stands (classOf), read the whole request in
// exactly one way, submit, and only then does anything go on. No route here approves or widens; a request to the proxy
// itself gets a plain page. Identity belongs to the connection, set once; grants are looked up per request behind submit.

import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HoldpointError } from '../../platform/fault.ts';
import { parseAbsoluteForm } from './authority.ts';
import { onConnect } from './connect.ts';
import { answerRefusal, runExchange } from './exchange.ts';
import type { Place } from './head.ts';
import { createInterception } from './interception.ts';
import type { HttpChannelPort, HttpSession } from './port.ts';
import { refusals } from './refusals.ts';
import {
  type Context,
  endWith,
  type HttpChannelOptions,
  identify,
  type Message,
  newWire,
  proxyAuthorization,
  takeTurn,
  type Wire,
} from './wire.ts';

export interface HttpChannel {
  readonly address: AddressInfo;
  /** Ends the listener and every connection at once. */
  close(): Promise<void>;
}

function runTunnelled(context: Context, wire: Wire, place: Place, session: HttpSession, message: Message): void {
  if (!wire.namesTarget) {
    answerRefusal(context.exchange, session, message, refusals.wrongHost);
    return;
  }
  void runExchange(context.exchange, {
    session,
    place,
    path: message.request.url ?? '',
    ...message,
    onSubmit: () => {
      wire.submitted = true;
    },
  });
}

const proxyPage = `This is the Holdpoint proxy for agents. It serves no pages and has nothing to approve here.\n\n${refusals.notAProxyRequest.reason.next}\n`;

function runProxied(context: Context, wire: Wire, message: Message): void {
  const { request, response } = message;
  const url = request.url ?? '';
  if (url.startsWith('/') || url === '*') {
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(proxyPage);
    return;
  }
  const read = parseAbsoluteForm(url);
  const refused = identify(context, wire, request.socket, proxyAuthorization(request), read?.target.host ?? '');
  const { session } = wire;
  if (refused !== null || session === null) {
    answerRefusal(context.exchange, null, message, refused ?? refusals.noToken);
    return;
  }
  if (read === null) {
    answerRefusal(context.exchange, session, message, refusals.badTarget);
    return;
  }
  const kind = context.port.classOf(read.target.host, read.target.port, session);
  if (kind.kind === 'refused') {
    answerRefusal(context.exchange, session, message, { status: 403, reason: kind.reason });
    return;
  }
  void runExchange(context.exchange, {
    session,
    place: { kind: 'proxy', scheme: read.scheme, target: read.target },
    path: read.path,
    ...message,
    onSubmit: () => {
      wire.submitted = true;
    },
  });
}

function onRequest(context: Context, message: Message): void {
  const wire = context.wires.get(message.request.socket);
  if (wire === undefined) {
    message.request.socket.destroy();
    return;
  }
  takeTurn(wire, message, () => {
    if (wire.tunnel === null) runProxied(context, wire, message);
    else if (wire.session !== null) runTunnelled(context, wire, wire.tunnel, wire.session, message);
  });
}

/** Bytes that are no HTTP request. Answered only while no earlier request could take the answer for its own. */
function onClientError(context: Context, error: Error & { readonly code?: string }, socket: Duplex): void {
  const wire = context.wires.get(socket);
  if (error.code === 'ECONNRESET' || wire === undefined || wire.submitted || wire.waiting.length > 0) {
    socket.destroy();
    return;
  }
  const refusal = error.code === 'HPE_HEADER_OVERFLOW' ? refusals.headTooLarge : refusals.badFraming;
  endWith(socket, context.port.refuse(wire.session, refusal.status, refusal.reason));
}

function wireUp(context: Context): void {
  const { server, wires, sockets } = context;
  server.on('request', (request, response) => onRequest(context, { request, response, expects: null }));
  server.on('checkContinue', (request, response) => onRequest(context, { request, response, expects: 'continue' }));
  server.on('checkExpectation', (request, response) => onRequest(context, { request, response, expects: null }));
  server.on('connect', (request, socket, head) => onConnect(context, request, socket as Socket, head));
  server.on('clientError', (error, socket) => onClientError(context, error, socket));
  server.on('connection', (socket: Socket) => {
    // Also fires for what is inside a tunnel; that wire is set already.
    if (wires.has(socket)) return;
    wires.set(socket, newWire(null, null, true));
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

function listen(server: Server, options: HttpChannelOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new HoldpointError('proxy-port-taken', {
          what: `The proxy port ${options.port} could not be opened.`,
          why: 'Something else listens there, or the address is not of this machine.',
          next: 'Stop the other gateway (`holdpoint status` names it), or choose another port.',
          cause,
        }),
      ),
    );
    server.listen(options.port, options.host, () => {
      server.removeAllListeners('error');
      server.on('error', (error) => options.log('listener-failed', { cause: error.message }));
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Opens the listener. Rejects if the address is taken. */
export async function startHttpChannel(port: HttpChannelPort, options: HttpChannelOptions): Promise<HttpChannel> {
  const server = createServer({
    // Holds wait for humans; slow heads are still cut off after a minute.
    requestTimeout: 0,
    headersTimeout: 60_000,
    keepAliveTimeout: 75_000,
    maxHeaderSize: options.headBytesMax ?? 65_536,
    // Missing Host is refused by head.ts with a reason; Node's own answer has none.
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
  });
  server.maxConnections = options.connectionsMax ?? 4_096;
  // Node drops headers past this count without a word; the head's size bounds them instead.
  server.maxHeadersCount = 0;
  const classifyBytesMax = options.classifyBytesMax ?? 1_048_576;
  const context: Context = {
    options,
    port,
    exchange: { port, classifyBytesMax, discardBytesMax: 64 * 1_048_576 },
    server,
    interception: createInterception({ ca: options.ca, hostsMax: options.hostsMax ?? 256, log: options.log }),
    wires: new WeakMap(),
    sockets: new Set(),
  };
  wireUp(context);
  const address = await listen(server, options);
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of context.sockets) socket.destroy();
        server.closeAllConnections();
      }),
  };
}
