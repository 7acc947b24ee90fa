// The fake Railway as a TLS server under the real host names, on 127.0.0.1 only. The certificates are the caller's (the
// lab's CA signs them), so that a client verifies as it would verify the provider. The state is one cell in here;
// `truth()` reads it, and no answer of the server is ever taken as proof of anything.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { HoldpointError } from '../../platform/fault.ts';
import { callerOf } from './access.ts';
import type { Call } from './call.ts';
import { type FirstTokens, firstWorld } from './first-world.ts';
import { type Answer, graphqlEndpoint } from './graphql-endpoint.ts';
import { randomChange } from './random-change.ts';
import { retell } from './retelling.ts';
import { railwaySchema } from './schema.ts';
import { seeded } from './seeded.ts';
import { type Truth, truthOf } from './truth.ts';
import type { DeleteMode, World } from './world.ts';

/** Where the GraphQL API answers: today's host, the older alias of the incident, and the provider's own test hosts. */
export const graphqlHosts = [
  'backboard.railway.com',
  'backboard.railway.app',
  'backboard.railway-staging.com',
  'backboard.railway-develop.com',
] as const;
/** The host of the article's retelling. */
export const retellingHost = 'api.railway.app';
export const fakeHosts: readonly string[] = [...graphqlHosts, retellingHost];

export interface HostCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface FakeRailwayOptions {
  readonly seed: number;
  readonly deleteMode: DeleteMode;
  /** By host name; every name of `fakeHosts`. */
  readonly certificates: Readonly<Record<string, HostCertificate>>;
  readonly clock: { wallMs(): number };
  /** Longest page any list gives; small values make every list need a second call. */
  readonly pageMax?: number;
  /** 0 or absent: any free port. */
  readonly port?: number;
}

/** What reached the provider, without secrets: the token's name, never the token. */
export interface SeenCall {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly token: string | null;
}

export interface FakeRailway {
  readonly port: number;
  readonly tokens: FirstTokens;
  world(): World;
  truth(): Truth;
  /** Replaces the state, as somebody else's change at the provider would. */
  change(next: (world: World) => World): void;
  randomChange(seed: number): void;
  /** The newest 10,000 calls, oldest first. */
  seen(): readonly SeenCall[];
  close(): Promise<void>;
}

const bodyBytesMax = 4 * 1024 * 1024;
const seenMax = 10_000;

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function presentedBy(request: IncomingMessage) {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '');
  const project = request.headers['project-access-token'];
  return { bearer: bearer?.[1] ?? null, project: typeof project === 'string' ? project : null };
}

function send(response: ServerResponse, answer: Answer): void {
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(text);
}

export async function startFakeRailway(options: FakeRailwayOptions): Promise<FakeRailway> {
  const first = firstWorld(options.seed, options.deleteMode);
  const ids = seeded(options.seed ^ 0x5eed);
  const endpoint = graphqlEndpoint(railwaySchema());
  const seen: SeenCall[] = [];
  let world = first.world;

  const callFrom = (request: IncomingMessage): Call => ({
    world: () => world,
    change: (next) => {
      world = next;
    },
    caller: callerOf(world, presentedBy(request)),
    atMs: options.clock.wallMs(),
    pageMax: options.pageMax ?? 500,
    newId: () => ids.uuid(),
  });

  const note = (request: IncomingMessage, host: string, path: string) => {
    const presented = presentedBy(request);
    const token = world.tokens.find((item) => item.secret === (presented.project ?? presented.bearer));
    seen.push({ host, method: request.method ?? '', path, token: token?.name ?? null });
    if (seen.length > seenMax) seen.shift();
  };

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const url = new URL(request.url ?? '/', `https://${host || 'none'}`);
    note(request, host, url.pathname);
    const body = await bodyOf(request);
    if (body === null) return { status: 413, body: { error: 'Payload too large' } };
    if (host === retellingHost) return retell(callFrom(request), request.method ?? '', url.pathname);
    if (!fakeHosts.includes(host) || url.pathname !== '/graphql/v2') return { status: 404, body: 'Not found' };
    if (request.method === 'GET') return endpoint.get(callFrom(request), url.searchParams);
    if (request.method !== 'POST') return { status: 405, body: 'Method not allowed' };
    return endpoint.post(callFrom(request), body, String(request.headers['content-encoding'] ?? '').toLowerCase());
  };

  const server = listenerFor(options.certificates, (request, response) => {
    answer(request).then(
      (done) => send(response, done),
      () => send(response, { status: 500, body: { errors: [{ message: 'Problem processing request' }] } }),
    );
  });
  const port = await listen(server, options.port ?? 0);

  return {
    port,
    tokens: first.tokens,
    world: () => world,
    truth: () => truthOf(world),
    change: (next) => {
      world = next(world);
    },
    randomChange: (seed) => {
      world = randomChange(world, seed, options.clock.wallMs());
    },
    seen: () => [...seen],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listenerFor(
  certificates: Readonly<Record<string, HostCertificate>>,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const contexts = new Map(
    fakeHosts.map((host) => {
      const certificate = certificates[host];
      if (certificate === undefined) {
        throw new HoldpointError('lab-certificate-missing', {
          what: `The fake provider has no certificate for ${host}.`,
          why: 'It answers under the real host names only with a certificate of the lab for each of them.',
          next: 'Pass a certificate and key for every name in fakeHosts.',
        });
      }
      return [host, createSecureContext({ cert: certificate.certPem, key: certificate.keyPem })] as const;
    }),
  );
  return createServer(
    {
      ALPNProtocols: ['http/1.1'],
      // An unknown name gets no certificate at all, as a client must not learn to live with a wrong one.
      SNICallback: (name, done) => {
        const context = contexts.get(name.toLowerCase());
        if (context === undefined) done(new Error('unknown host'));
        else done(null, context);
      },
    },
    handle,
  );
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
