// Sessions: one agent's tunnel or proxy connection. Identity is fixed at its start; freeze, revocation and expiry end it
// within a second. Plain reads are tallied here and reach the journal as one event per session every 10 s.

import type { Posture } from '../action/action.ts';
import { isExpired } from '../authorize/authorize.ts';
import type { HttpSession, Peer } from '../channels/http/port.ts';
import type { Clock } from '../platform/clock.ts';
import { newId, type Random } from '../platform/random.ts';
import type { EventDraft } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';
import type { System } from './system.ts';

export interface Measured {
  readonly posture: Posture;
  /** As the kernel says it; null: not known. */
  readonly peerUid: number | null;
}

export interface SessionsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  readonly system: System;
  /** Who is at the other end, and what that means for the gateway's isolation. */
  readonly measure: (peer: Peer) => Measured;
  readonly fault: (where: string, error: unknown) => void;
}

export interface Sessions {
  open(agent: string, peer: Peer): HttpSession;
  close(session: HttpSession): void;
  postureOf(session: HttpSession): Posture;
  peerUidOf(session: HttpSession): number | null;
  tally(session: HttpSession, host: string, bytes: number): void;
  /** Newest measured posture by agent. */
  postures(): ReadonlyMap<string, Posture>;
  stop(): Promise<void>;
}

export const tallyEveryMs = 10_000;
const expiryCheckMs = 1_000;

interface Live {
  readonly session: HttpSession;
  readonly posture: Posture;
  readonly peerUid: number | null;
  readonly end: AbortController;
  /** `refused`: opened while the agent was already stopped. Kept, so that requests get a refusal in words, not a reset. */
  readonly from: 'active' | 'refused';
  reads: number;
  bytes: number;
  readonly hosts: Set<string>;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { clock, system } = deps;
  const live = new Map<string, Live>();
  const postures = new Map<string, Posture>();

  function takeTally(each: Live): EventDraft | null {
    if (each.reads === 0) return null;
    const data = { reads: each.reads, bytes: each.bytes, hosts: [...each.hosts].sort() };
    each.reads = 0;
    each.bytes = 0;
    each.hosts.clear();
    const { agent, id } = each.session;
    return {
      kind: 'tallied',
      atMs: clock.wallMs(),
      actionId: null,
      holdId: null,
      agent,
      session: id,
      posture: each.posture,
      data,
    };
  }

  function write(drafts: readonly EventDraft[]): Promise<unknown> {
    if (drafts.length === 0) return Promise.resolve();
    return deps.storage.commit({ events: drafts }).catch((error: unknown) => deps.fault('tally', error));
  }

  function tallies(): readonly EventDraft[] {
    return [...live.values()].flatMap((each) => takeTally(each) ?? []);
  }

  function mayGoOn(agent: string): boolean {
    const grant = system.grantOf(agent);
    return grant !== null && system.agentState(agent) === 'active' && !isExpired(grant, clock.wallMs());
  }

  function endStopped(): void {
    for (const each of live.values()) if (each.from === 'active' && !mayGoOn(each.session.agent)) each.end.abort();
  }

  let stopTimers: (() => void)[] = [];
  function every(delayMs: number, work: () => void): void {
    let cancel: () => void = () => undefined;
    const again = () => {
      work();
      cancel = clock.after(delayMs, again);
    };
    cancel = clock.after(delayMs, again);
    stopTimers.push(() => cancel());
  }
  every(tallyEveryMs, () => void write(tallies()));
  every(expiryCheckMs, endStopped);
  system.onChange(endStopped);

  return {
    open(agent, peer) {
      const end = new AbortController();
      const session: HttpSession = { agent, id: newId(deps.random, 'ses'), ended: end.signal };
      const { posture, peerUid } = deps.measure(peer);
      postures.set(agent, posture);
      live.set(session.id, {
        session,
        posture,
        peerUid,
        end,
        from: mayGoOn(agent) ? 'active' : 'refused',
        reads: 0,
        bytes: 0,
        hosts: new Set(),
      });
      return session;
    },
    close(session) {
      const each = live.get(session.id);
      live.delete(session.id);
      const last = each === undefined ? null : takeTally(each);
      if (last !== null) void write([last]);
    },
    postureOf: (session) => live.get(session.id)?.posture ?? 'advised',
    peerUidOf: (session) => live.get(session.id)?.peerUid ?? null,
    tally(session, host, bytes) {
      const each = live.get(session.id);
      if (each === undefined) return;
      each.reads += 1;
      each.bytes += bytes;
      each.hosts.add(host);
    },
    postures: () => postures,
    async stop() {
      for (const cancel of stopTimers) cancel();
      stopTimers = [];
      await write(tallies());
      for (const each of live.values()) each.end.abort();
      live.clear();
    },
  };
}
