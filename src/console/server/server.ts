// The control port's server: loopback only, one table of routes, every request admitted or refused before its route.
// It speaks to the instance's own user and their console; no agent-facing listener shares code paths with it.
// It decides nothing: what a deny or an approval does is behind ControlPort.

import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { HoldpointError } from '../../platform/fault.ts';
import { peerUid } from '../../platform/peer-uid.ts';
import { type Reason, reason } from '../../platform/reason.ts';
import { checkContentType, checkHost, checkOrigin, guestOf, type Refusal, refusalOf } from './admission.ts';
import { type Attempts, countAttempts } from './attempts.ts';
import { eventStream } from './event-stream.ts';
import type { ControlPort } from './port.ts';
import { JsonText, type Route, routes, statusOfFault } from './routes.ts';
import { eventsQuery, shaped } from './submission.ts';

export interface ControlServerOptions {
  /** Loopback address to listen on. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Bearer of the instance's own user, written to run/control.token. */
  readonly token: string;
  readonly lab: boolean;
  /** True for a token that was issued to an agent: its visit is refused by name. */
  readonly isAgentToken: (token: string) => boolean;
  readonly clock?: Clock;
}

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Door {
  readonly control: ControlPort;
  readonly options: ControlServerOptions;
  readonly attempts: Attempts;
  readonly closed: AbortSignal;
  /** Known once listening. */
  boundPort(): number;
}

type Env = { readonly Bindings: { readonly incoming: IncomingMessage } };

const bodyBytesMax = 256 * 1024;
const connectionsMax = 256;
const headMsMax = 10_000;
const requestMsMax = 30_000;

const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function problem(status: number, why: Reason): Response {
  const body = { type: 'about:blank', title: why.what, status, detail: `${why.why} ${why.next}`, ...why };
  return Response.json(body, { status, headers: { 'content-type': 'application/problem+json' } });
}

function callerUid(c: Context<Env>): number | null {
  const { localPort, remotePort } = c.env.incoming.socket;
  return localPort === undefined || remotePort === undefined ? null : peerUid(localPort, remotePort);
}

/** Host, Origin, bearer, content type: in this order, so that a foreign page learns nothing about tokens. */
function admit(c: Context<Env>, door: Door, access: Route['access']): Refusal | null {
  const header = (name: string) => c.req.header(name) ?? null;
  const outer =
    checkHost(header('host'), door.boundPort(), new URL(c.req.url).pathname) ??
    checkOrigin(header('origin'), door.boundPort());
  if (outer !== null || access === 'public') return outer;
  const guest = guestOf(header('authorization'), door.options.token, door.options.isAgentToken);
  if (guest !== 'owner') return refusalOf(guest);
  return checkContentType(c.req.method, header('content-type'));
}

function refuse(c: Context<Env>, door: Door, route: string, refusal: Refusal): Response {
  door.attempts.note({ route, why: refusal.reason.code, peerUid: callerUid(c) });
  return problem(refusal.status, refusal.reason);
}

function streamFor(c: Context<Env>, door: Door): Response {
  const asked = c.req.header('last-event-id');
  const given = asked === undefined ? c.req.query() : { ...c.req.query(), afterSeq: asked };
  const { afterSeq } = shaped(eventsQuery, given);
  return eventStream(door.control, afterSeq ?? null, door.closed);
}

async function bodyOf(c: Context<Env>): Promise<unknown> {
  if (c.req.method === 'GET') return null;
  try {
    return JSON.parse((await c.req.text()) || '{}');
  } catch (cause) {
    throw new HoldpointError('bad-request', {
      what: 'The control port could not read this request.',
      why: 'Its body is not JSON.',
      next: 'docs/reference/control-api.md has the shape of each route.',
      cause,
    });
  }
}

async function answer(c: Context<Env>, door: Door, route: Route): Promise<Response> {
  const refusal = admit(c, door, route.access);
  if (refusal !== null) return refuse(c, door, route.path, refusal);
  if (route.answer === 'event-stream') return streamFor(c, door);
  const uid = callerUid(c);
  const result = await route.answer({
    port: door.control,
    param: (name) => c.req.param(name) ?? '',
    query: c.req.query(),
    body: await bodyOf(c),
    by: uid === null ? 'terminal' : `terminal of uid ${uid}`,
  });
  if (result.ok && result.value instanceof JsonText) {
    return new Response(result.value.text, { headers: { 'content-type': 'application/json' } });
  }
  if (result.ok) return Response.json(result.value);
  // A factor that did not convince is an attempt; a hold that is already closed (409) is not.
  if (route.access === 'widening' && (result.status === 401 || result.status === 403)) {
    door.attempts.note({ route: route.path, why: result.reason.code, peerUid: uid });
  }
  return problem(result.status, result.reason);
}

function onFault(fault: Error): Response {
  if (fault instanceof HoldpointError) return problem(statusOfFault(fault), fault.reason);
  // A bug's own words could carry what the request carried: they stay here.
  const bug = reason(
    'internal-fault',
    'The control port failed on this request.',
    'A part of it threw an error that it should not throw; nothing was changed by it that is not in the journal.',
    'Look with `holdpoint journal tail`, and report it with the steps that led here.',
  );
  return problem(500, bug);
}

/** The app alone, for the test that walks its routes. */
export function controlApp(door: Door): Hono<Env> {
  const app = new Hono<Env>();
  const tooLarge = reason(
    'body-too-large',
    'The request body is too large.',
    `The control port takes ${bodyBytesMax} bytes.`,
    'Send less.',
  );
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value);
    if (door.options.lab) c.res.headers.set('holdpoint-instance', 'lab');
  });
  app.use(bodyLimit({ maxSize: bodyBytesMax, onError: () => problem(413, tooLarge) }));
  for (const route of routes) app.on(route.method, route.path, (c) => answer(c, door, route));
  app.notFound((c) => {
    const refusal = admit(c, door, 'viewer');
    if (refusal !== null) return refuse(c, door, 'undeclared', refusal);
    const none = reason('no-such-route', 'There is no such route.', 'It is not in the table.', 'See control-api.md.');
    return problem(404, none);
  });
  app.onError(onFault);
  return app;
}

function listen(server: Server, options: ControlServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new HoldpointError('control-port-taken', {
          what: `The control port ${options.port} could not be opened.`,
          why: 'Something else listens there, or the address is not of this machine.',
          next: 'Stop the other gateway (`holdpoint status` names it), or choose another port.',
          cause,
        }),
      ),
    );
    server.listen(options.port, options.host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Starts listening; resolves once the port is open. */
export async function startControlServer(control: ControlPort, options: ControlServerOptions): Promise<ControlServer> {
  const closing = new AbortController();
  let bound = options.port;
  const attempts = countAttempts(control, options.clock ?? systemClock());
  const door: Door = { control, options, attempts, closed: closing.signal, boundPort: () => bound };
  const app = controlApp(door);
  const server = createAdaptorServer({ fetch: (request, env) => app.fetch(request, env as Env['Bindings']) }) as Server;
  server.maxConnections = connectionsMax;
  server.headersTimeout = headMsMax;
  server.requestTimeout = requestMsMax;
  bound = await listen(server, options);
  return {
    port: bound,
    close: () => {
      closing.abort();
      attempts.flush();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
