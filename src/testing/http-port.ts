// A stand-in for the gateway behind the HTTP channel: it identifies one agent by its token, allows everything and sends
// by the executor it is given. For tests and for the bench of the channel alone; it decides nothing and records nothing
// but what came in. The real one is gateway/compose.ts.

import type { OutgoingRequest } from '../action/request.ts';
import type { HttpAnswer, HttpChannelPort, HttpSession, Route } from '../channels/http/port.ts';
import { problem } from '../channels/http/problem.ts';
import type { HttpExecutor } from '../execute/executor.ts';
import { HoldpointError } from '../platform/fault.ts';
import { type Reason, reason } from '../platform/reason.ts';

export interface FakeSession extends HttpSession {
  readonly end: () => void;
}

export interface FakeHttpPort extends HttpChannelPort {
  readonly opened: FakeSession[];
  readonly closed: HttpSession[];
  readonly submitted: OutgoingRequest[];
  readonly refusals: { readonly status: number; readonly reason: Reason }[];
}

export interface FakeHttpPortOptions {
  readonly agent: string;
  readonly token: string;
  readonly routes: ReadonlyMap<string, Route>;
  readonly tunnels?: readonly string[];
  readonly refused?: readonly string[];
  /** Hosts whose address, once it is known, agents may not reach. */
  readonly forbidden?: readonly string[];
  readonly isBulk?: (head: OutgoingRequest) => boolean;
  /** Runs instead of sending. */
  readonly submit?: HttpChannelPort['submit'];
  readonly executor: HttpExecutor | null;
  /** False for long runs: nothing is kept. */
  readonly keep: 'all' | 'nothing';
}

function own(status: number, why: Reason): HttpAnswer {
  return problem({
    status,
    outcome: 'refused',
    reasons: [why],
    holdId: null,
    head: null,
    doNot: null,
    retryAfterSeconds: null,
  });
}

/** Basic `agent:token` or Bearer `token`. */
export function basicAuthorization(agent: string, token: string): string {
  return `Basic ${Buffer.from(`${agent}:${token}`).toString('base64')}`;
}

export function fakeHttpPort(options: FakeHttpPortOptions): FakeHttpPort {
  const accepted = [basicAuthorization(options.agent, options.token), `Bearer ${options.token}`];
  const opened: FakeSession[] = [];
  const closed: HttpSession[] = [];
  const submitted: OutgoingRequest[] = [];
  const refusals: { status: number; reason: Reason }[] = [];
  let count = 0;

  const send: HttpChannelPort['submit'] = async (_session, request, bulk, client) => {
    if (options.executor === null)
      return own(500, reason('no-executor', 'No executor.', 'The test has none.', 'Add one.'));
    try {
      const answer = await options.executor.send(request, { bulk, signal: client, fresh: false });
      return { kind: 'upstream', ...answer };
    } catch (fault) {
      if (!(fault instanceof HoldpointError)) throw fault;
      return own(502, fault.reason);
    }
  };

  return {
    opened,
    closed,
    submitted,
    refusals,
    open(authorization) {
      if (authorization === null || !accepted.includes(authorization)) return null;
      const controller = new AbortController();
      count += 1;
      const session = {
        agent: options.agent,
        id: `s${count}`,
        ended: controller.signal,
        end: () => controller.abort(),
      };
      if (options.keep === 'all') opened.push(session);
      return session;
    },
    close(session) {
      if (options.keep === 'all') closed.push(session);
    },
    classOf(host) {
      if (options.refused?.includes(host) === true) {
        return {
          kind: 'refused',
          reason: reason('host-refused', 'The host is refused.', 'The test says so.', 'Go away.'),
        };
      }
      return { kind: options.tunnels?.includes(host) === true ? 'tunnel' : 'ordinary' };
    },
    isBulk: options.isBulk ?? (() => false),
    submit(session, request, bulk, client) {
      if (options.keep === 'all') submitted.push(request);
      return (options.submit ?? send)(session, request, bulk, client);
    },
    refuse(_session, status, why) {
      if (options.keep === 'all') refusals.push({ status, reason: why });
      return own(status, why);
    },
    async route(host, port) {
      if (options.forbidden?.includes(host))
        throw new HoldpointError('address-forbidden', { what: 'Not there.', why: 'It is ours.', next: 'Stop.' });
      const route = options.routes.get(`${host}:${port}`) ?? options.routes.get(host);
      if (route !== undefined) return route;
      throw new HoldpointError('host-unknown', {
        what: 'No such host.',
        why: 'The test has none.',
        next: 'Add a route.',
      });
    },
  };
}
