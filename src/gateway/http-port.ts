// The gateway's side of the HTTP channel: who calls, which class a host has, where it is reached, what a refusal looks
// like. The pipeline does the rest. Nothing here approves or widens (invariant 8).

import type { HostClass } from '../action/action.ts';
import type { OutgoingRequest } from '../action/request.ts';
import type { HttpChannelPort, HttpSession, Peer, Route } from '../channels/http/port.ts';
import type { Clock } from '../platform/clock.ts';
import { type Reason, reason } from '../platform/reason.ts';
import type { Storage } from '../storage/storage.ts';
import { refusedAnswer } from './answers.ts';
import type { AgentTokens } from './ports.ts';
import type { Sessions } from './sessions.ts';
import type { System } from './system.ts';

export interface HttpPortDeps {
  readonly clock: Clock;
  readonly storage: Storage;
  readonly system: System;
  readonly sessions: Sessions;
  readonly agentTokens: AgentTokens;
  readonly hostClass: (host: string, port: number) => HostClass | 'denied';
  readonly isBulk: (head: OutgoingRequest) => boolean;
  readonly submit: HttpChannelPort['submit'];
  readonly route: (host: string, port: number) => Promise<Route>;
  /** Why a host may not be reached at all, before DNS; null if it may. */
  readonly forbidden: (host: string, port: number) => Reason | null;
  readonly fault: (where: string, error: unknown) => void;
}

/** Refusals by a listener are journalled at most so often per agent and code; the rest is counted in the next one. */
const refusalsPerMinute = 30;
const minuteMs = 60_000;

const agentStopped = reason(
  'agent-stopped',
  'Nothing was done.',
  'This agent is frozen, revoked, or its grant has ended.',
  'Stop, and ask your human.',
);
const hostDenied = reason(
  'host-denied',
  'This host may not be reached.',
  'A human has denied it.',
  'Ask your human if you need it.',
);

export function createHttpPort(deps: HttpPortDeps): HttpChannelPort {
  const { clock, system, sessions } = deps;
  const refusals = new Map<string, { sinceMs: number; count: number }>();

  function journalRefusal(session: HttpSession | null, status: number, why: Reason): void {
    const agent = session?.agent ?? null;
    const key = `${agent} ${why.code}`;
    const nowMs = clock.wallMs();
    const seen = refusals.get(key);
    const current = seen === undefined || nowMs - seen.sinceMs > minuteMs ? { sinceMs: nowMs, count: 0 } : seen;
    refusals.set(key, { ...current, count: current.count + 1 });
    if (refusals.size > 10_000) refusals.clear();
    if (current.count >= refusalsPerMinute) return;
    const peerUid = session === null ? null : sessions.peerUidOf(session);
    const data = { status, code: why.code, why: why.why, peerUid };
    const posture = session === null ? null : sessions.postureOf(session);
    deps.storage
      .commit({
        events: [
          {
            kind: 'refused',
            atMs: nowMs,
            actionId: null,
            holdId: null,
            agent,
            session: session?.id ?? null,
            posture,
            data,
          },
        ],
      })
      .catch((error: unknown) => deps.fault('journal of a refusal', error));
  }

  return {
    open(authorization: string | null, peer: Peer) {
      const agent = deps.agentTokens.identify(authorization);
      return agent === null ? null : sessions.open(agent, peer);
    },
    close: (session) => sessions.close(session),
    classOf(host, port, session) {
      if (system.agentState(session.agent) !== 'active') return { kind: 'refused', reason: agentStopped };
      const why = deps.forbidden(host, port);
      if (why !== null) return { kind: 'refused', reason: why };
      const kind = deps.hostClass(host, port);
      return kind === 'denied' ? { kind: 'refused', reason: hostDenied } : { kind };
    },
    isBulk: deps.isBulk,
    submit: deps.submit,
    refuse(session, status, why) {
      journalRefusal(session, status, why);
      return refusedAnswer(status, why);
    },
    route: deps.route,
  };
}
