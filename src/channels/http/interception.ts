// TLS towards the agent: one server, certificate and ticket key per host name, kept in a bounded cache.
// It ends TLS and hands on the plain socket; it reads no HTTP and trusts nobody upstream (upstream.ts does that).
// The sockets come from CONNECT, so the servers never listen: `emit('connection')` is the way that also keeps ALPN
// and handshake time-outs working; wrapping sockets in TLSSocket by hand has been seen to hang.

import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { CertificateAuthority } from '../../platform/certificates.ts';
import { canonicalHost } from './authority.ts';

export interface Intercepted {
  readonly socket: TLSSocket;
  /** True if the TLS server name is the CONNECT target (or absent, where the target is an IP literal). */
  readonly namesTarget: boolean;
}

export interface Interception {
  /** Takes over a raw socket whose first unread byte begins a TLS handshake for `host`. */
  accept(raw: Socket, host: string, onSecure: (intercepted: Intercepted) => void): void;
}

const handshakeTimeoutMs = 20_000;
/** Leaves live 397 days; a process may live longer. */
const leafAgeMaxMs = 30 * 86_400_000;

interface Waiting {
  readonly host: string;
  readonly onSecure: (intercepted: Intercepted) => void;
}

/** The four-tuple names a live TCP connection; it is how a finished handshake finds back to its CONNECT. */
function tupleOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
}

function named(socket: TLSSocket, host: string): boolean {
  // Set by Node once the handshake is done; missing from the type of server-side sockets.
  const sent = (socket as { servername?: string | false }).servername;
  if (typeof sent === 'string' && sent !== '') return canonicalHost(sent) === host;
  // RFC 6066 section 3: literal addresses are not permitted as server names, so clients send none.
  return host.includes(':') || /^[0-9.]+$/.test(host);
}

export function createInterception(options: {
  readonly ca: CertificateAuthority;
  readonly hostsMax: number;
  readonly log: (event: string, detail: Readonly<Record<string, string | number>>) => void;
}): Interception {
  const servers = new Map<string, { readonly server: Server; readonly madeMs: number }>();
  const waiting = new Map<string, Waiting>();

  const makeServer = (host: string): Server => {
    const leaf = options.ca.leafFor(host);
    const server = createServer({
      cert: leaf.certPem,
      key: leaf.keyPem,
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      handshakeTimeout: handshakeTimeoutMs,
    });
    server.on('secureConnection', (socket) => {
      const found = waiting.get(tupleOf(socket));
      if (found === undefined) socket.destroy();
      else found.onSecure({ socket, namesTarget: named(socket, found.host) });
    });
    server.on('tlsClientError', (error, socket) => {
      options.log('tls-handshake-failed', { host, cause: (error as { code?: string }).code ?? error.message });
      socket.destroy();
    });
    return server;
  };

  const serverFor = (host: string): Server => {
    const known = servers.get(host);
    const fresh = known !== undefined && performance.now() - known.madeMs < leafAgeMaxMs;
    const entry = fresh ? known : { server: makeServer(host), madeMs: performance.now() };
    // Re-inserted at each use: the first key is the one unused for longest.
    servers.delete(host);
    servers.set(host, entry);
    for (const oldest of servers.keys()) {
      if (servers.size <= options.hostsMax) break;
      servers.delete(oldest);
    }
    return entry.server;
  };

  return {
    accept(raw, host, onSecure) {
      const tuple = tupleOf(raw);
      waiting.set(tuple, { host, onSecure });
      raw.once('close', () => waiting.delete(tuple));
      serverFor(host).emit('connection', raw);
    },
  };
}
