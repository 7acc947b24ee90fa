// Sends released requests upstream: the executor port over undici's dispatch interface. One pool per origin and pinned
// address, TLS verified against the *name*, no redirects, no retries, the bytes as given. It knows no policy.
// The line that matters here is between `upstream-not-reached` (no byte written: the action failed) and
// `upstream-broken` (bytes may have arrived: the outcome is unknown). When in doubt it is the second.

import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, type SecureContext } from 'node:tls';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { OutgoingRequest } from '../../action/request.ts';
import type { HttpExecutor, SendOptions, UpstreamAnswer } from '../../execute/executor.ts';
import { defaultPortOf } from './authority.ts';
import type { HttpChannelPort, Route } from './port.ts';
import { Sending, upstreamFault } from './sending.ts';

export interface UpstreamOptions {
  readonly route: HttpChannelPort['route'];
  /** Open connections per origin; further requests wait. Default 256. */
  readonly connectionsMax?: number;
  /** Origins with a pool; the one unused for longest is closed. Default 256. */
  readonly originsMax?: number;
  /** How long a pinned address is used without asking again. Holds always ask again. Default 10 s. */
  readonly routeTtlMs?: number;
  readonly connectTimeoutMs?: number;
  /** From the last request byte to the answer's head. Default 15 min: deployments answer late. */
  readonly headTimeoutMs?: number;
}

interface Limits {
  readonly connectionsMax: number;
  readonly originsMax: number;
  readonly routeTtlMs: number;
  readonly connectTimeoutMs: number;
  readonly headTimeoutMs: number;
}

interface Origin {
  readonly route: Route;
  readonly pool: Pool;
  readonly untilMs: number;
}

function originOf(request: OutgoingRequest): string {
  const host = isIP(request.host) === 6 ? `[${request.host}]` : request.host;
  return request.port === defaultPortOf(request.scheme)
    ? `${request.scheme}://${host}`
    : `${request.scheme}://${host}:${request.port}`;
}

/** Connects to the pinned address while name, SNI and certificate check stay those of the host. */
function connectorFor(
  host: string,
  route: Route,
  secureContext: SecureContext,
  timeoutMs: number,
): buildConnector.connector {
  const servername = isIP(host) === 0 ? host : '';
  const connect = buildConnector({
    allowH2: false,
    timeout: timeoutMs,
    secureContext,
    rejectUnauthorized: true,
    checkServerIdentity: (_name: string, certificate) => checkServerIdentity(host, certificate),
  });
  return (options, callback) =>
    connect(
      { ...options, hostname: route.address, host: route.address, port: String(route.port), servername },
      callback,
    );
}

function flatHeaders(request: OutgoingRequest): string[] {
  const flat: string[] = [];
  for (const [name, value] of request.headers) flat.push(name, value);
  return flat;
}

function clientOptions(limits: Limits) {
  return {
    allowH2: false,
    pipelining: 1,
    // Event streams may be silent for as long as they like; TCP keep-alive finds dead peers.
    bodyTimeout: 0,
    headersTimeout: limits.headTimeoutMs,
    keepAliveTimeout: 4_000,
    maxHeaderSize: 65_536,
    strictContentLength: true,
  };
}

/** Makes the executor. `close` ends every pool and what runs on it. */
export function createUpstream(options: UpstreamOptions): HttpExecutor {
  const limits: Limits = {
    connectionsMax: options.connectionsMax ?? 256,
    originsMax: options.originsMax ?? 256,
    routeTtlMs: options.routeTtlMs ?? 10_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    headTimeoutMs: options.headTimeoutMs ?? 900_000,
  };
  const origins = new Map<string, Origin>();
  const contexts = new Map<string | null, SecureContext>();

  /** Parsing the root store takes tens of milliseconds: once per trust anchor, not once per connection. */
  const contextFor = (ca: string | null): SecureContext => {
    const known = contexts.get(ca);
    if (known !== undefined) return known;
    const made = createSecureContext(ca === null ? {} : { ca });
    contexts.set(ca, made);
    return made;
  };

  const connector = (host: string, route: Route) =>
    connectorFor(host, route, contextFor(route.ca), limits.connectTimeoutMs);

  const retire = (origin: Origin) => void origin.pool.close().catch(() => {});

  const keep = (key: string, origin: Origin) => {
    origins.delete(key);
    origins.set(key, origin);
    for (const [oldest, stale] of origins) {
      if (origins.size <= limits.originsMax) break;
      origins.delete(oldest);
      retire(stale);
    }
  };

  const poolFor = async (request: OutgoingRequest): Promise<Pool> => {
    const key = originOf(request);
    const known = origins.get(key);
    if (known !== undefined && performance.now() < known.untilMs) return known.pool;
    const route = await options.route(request.host, request.port);
    const untilMs = performance.now() + limits.routeTtlMs;
    // Another request may have asked at the same time; its pool is as good as long as it leads to the same place.
    const current = origins.get(key);
    if (current !== undefined && samePlace(current.route, route)) {
      keep(key, { ...current, untilMs });
      return current.pool;
    }
    if (current !== undefined) retire(current);
    const pool = new Pool(key, {
      ...clientOptions(limits),
      connections: limits.connectionsMax,
      connect: connector(request.host, route),
    });
    keep(key, { route, pool, untilMs });
    return pool;
  };

  const freshClient = async (request: OutgoingRequest): Promise<Client> => {
    const route = await options.route(request.host, request.port);
    return new Client(originOf(request), { ...clientOptions(limits), connect: connector(request.host, route) });
  };

  return {
    async send(request, sendOptions) {
      const dispatcher = await (sendOptions.fresh ? freshClient(request) : poolFor(request)).catch((cause: unknown) => {
        throw upstreamFault('upstream-not-reached', cause);
      });
      try {
        return await dispatched(dispatcher, request, sendOptions);
      } finally {
        // `close` waits for the answer's body; it only keeps further requests away.
        if (sendOptions.fresh) void dispatcher.close().catch(() => {});
      }
    },
    async close() {
      const open = [...origins.values()];
      origins.clear();
      await Promise.all(open.map((origin) => origin.pool.destroy()));
    },
  };
}

function samePlace(one: Route, other: Route): boolean {
  return one.address === other.address && one.port === other.port && one.ca === other.ca;
}

function dispatched(dispatcher: Dispatcher, request: OutgoingRequest, options: SendOptions): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const sending = new Sending(options.signal, resolve, reject);
    if (options.signal.aborted) {
      options.bulk?.destroy();
      sending.fail(new Error('The request was given up before it was sent.'));
      return;
    }
    try {
      dispatcher.dispatch(
        {
          path: request.path,
          method: request.method,
          headers: flatHeaders(request),
          body: options.bulk ?? (request.body.length === 0 ? null : request.body),
          // Own connection, closed afterwards; undici says so in the Connection header.
          reset: options.fresh,
        },
        sending,
      );
    } catch (cause) {
      options.bulk?.destroy();
      sending.fail(cause);
    }
  });
}
