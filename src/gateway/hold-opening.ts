// From a verdict of hold to a hold: the retry key's table, the digest, what humans must give, and the durable row.
// One request at a time per retry key, so that two equal requests at once open one hold.

import type { Reading, Resolution, Verdict } from '../action/action.ts';
import { grantDigest } from '../authorize/digests.ts';
import type { HttpAnswer } from '../channels/http/port.ts';
import { holdDigest, hostKey, retryKey } from '../hold/digest.ts';
import type { Hold } from '../hold/hold.ts';
import { materialFacts } from '../hold/material.ts';
import { answerRetry } from '../hold/retry.ts';
import { maskText, shownRequest } from '../hold/shown-request.ts';
import type { Continuation } from '../lifecycle/event.ts';
import type { Clock } from '../platform/clock.ts';
import { newId, type Random } from '../platform/random.ts';
import { reason } from '../platform/reason.ts';
import { requirementsFor } from '../safeguard/requirements.ts';
import type { Storage } from '../storage/storage.ts';
import { besideAnswer, deniedAnswer } from './answers.ts';
import { requestBody } from './hold-cases.ts';
import type { HoldDesk } from './hold-desk.ts';
import type { Sealer } from './ports.ts';
import type { Resolve } from './resolving.ts';
import { encodeRequest } from './result.ts';
import type { Rules } from './rules.ts';
import { draftsOf, type Run } from './run.ts';
import type { System } from './system.ts';

export interface HoldOpeningDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly system: System;
  readonly desk: HoldDesk;
  readonly resolve: Resolve;
  readonly follow: (holdId: string, client: AbortSignal) => Promise<HttpAnswer>;
  readonly rules: Rules;
  readonly lab: boolean;
}

export interface HoldOpening {
  /** Looks at the newest hold with this retry key. Keeps the key locked until open() or follow() of the same run. */
  continuation(run: Run, reading: Reading, resolution: Resolution | null, verdict: Verdict): Promise<Continuation>;
  open(run: Run, hold: Hold): Promise<HttpAnswer>;
  follow(run: Run, next: Continuation): Promise<HttpAnswer>;
  /** Frees the retry key of a run that ended in an error. */
  abandon(run: Run): void;
}

/** Destruction is always its own question; anything else at an unjudged host is a question about the host. */
function keysOf({ action, host }: Run, reading: Reading): { readonly retryKey: string; readonly requestKey: string } {
  const { agent, channel, content } = action;
  const requestKey = retryKey(agent, channel, content);
  const aboutHost = host.class === 'other' && reading.effect !== 'destructive';
  return { retryKey: aboutHost ? hostKey(agent, host.name) : requestKey, requestKey };
}

export function createHoldOpening(deps: HoldOpeningDeps): HoldOpening {
  const { clock, storage, system, desk } = deps;
  /** Runs that are between looking and opening, by retry key. */
  const locks = new Map<string, Promise<void>>();
  const unlockers = new WeakMap<Run, () => void>();

  async function lock(run: Run, key: string): Promise<void> {
    while (locks.has(key)) await locks.get(key);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    locks.set(key, held);
    unlockers.set(run, () => {
      locks.delete(key);
      release();
    });
  }

  function unlock(run: Run): void {
    unlockers.get(run)?.();
    unlockers.delete(run);
  }

  function newHold(run: Run, reading: Reading, resolution: Resolution, verdict: Verdict, before: Hold['before']): Hold {
    const { action } = run;
    const policy = system.state.policy;
    const grant = system.grantOf(action.agent);
    if (policy === null || grant === null) throw new Error('a hold needs a policy and a grant');
    const needs = deps.rules.needs(reading, resolution, policy);
    const safeguards = requirementsFor(resolution, policy, needs.delayMs);
    const material = materialFacts(reading, resolution);
    const credential = run.credential.kind === 'placeholder' ? run.credential.credential : null;
    const digests = { grantDigest: grantDigest(grant), policyDigest: system.state.policyDigest };
    const { agent, channel, content, session, posture, asked, claimed } = action;
    const atMs = clock.wallMs();
    return {
      id: newId(deps.random, 'hold'),
      actionId: action.id,
      agent,
      session,
      channel,
      posture,
      atMs,
      askedAgainMs: atMs,
      state: { kind: 'held' },
      reading,
      resolution,
      reasons: verdict.reasons,
      material,
      digest: holdDigest({ agent, ...digests, channel, content, credential, material, safeguards }),
      ...digests,
      ...keysOf(run, reading),
      credential,
      needs: { ...needs, safeguards },
      approvals: [],
      proofs: [],
      shown: shownRequest(run.request),
      asked,
      // The agent's own words may quote anything.
      claimed: claimed === null ? null : maskText(claimed),
      before,
      lab: deps.lab,
    };
  }

  async function continuation(
    run: Run,
    reading: Reading,
    resolution: Resolution | null,
    verdict: Verdict,
  ): Promise<Continuation> {
    const { retryKey: key, requestKey } = keysOf(run, reading);
    await lock(run, key);
    try {
      const newest = await storage.newestHold(key);
      const hold = newest === null ? null : (JSON.parse(newest) as Hold);
      const answer = answerRetry(hold, clock.wallMs());
      const same = hold === null || (hold.requestKey ?? hold.retryKey) === requestKey;
      if (!same && answer.kind === 'attach') return { kind: 'beside', holdId: answer.hold.id };
      // A no is about the host; results and unknown outcomes belong to the request that they are of.
      if (answer.kind === 'denied' || (same && answer.kind !== 'new')) {
        const kind = answer.kind;
        return { kind, holdId: answer.hold.id };
      }
      const known = resolution ?? (await deps.resolve(reading, 'cached', run.client));
      const before = same && answer.kind === 'new' ? answer.before : null;
      return { kind: 'open', hold: newHold(run, reading, known, verdict, before) };
    } catch (error) {
      unlock(run);
      throw error;
    }
  }

  return {
    continuation,
    abandon: unlock,
    async open(run, hold) {
      try {
        const id = requestBody(hold.id);
        const bytes = deps.sealer.seal(id, encodeRequest(run.request));
        await desk.cases.open(hold, draftsOf(run, hold.id), [{ id, bytes }]);
      } finally {
        unlock(run);
      }
      return deps.follow(hold.id, run.client);
    },
    async follow(run, next) {
      unlock(run);
      if (next.kind === 'open') throw new Error('an open continuation is opened, not followed');
      await storage.commit({ events: draftsOf(run, next.holdId) });
      if (next.kind === 'attach') await desk.apply(next.holdId, { kind: 'asked-again', atMs: clock.wallMs() });
      if (next.kind === 'denied') return deniedAgain(next.holdId);
      if (next.kind === 'beside') return beside(run, next.holdId);
      return deps.follow(next.holdId, run.client);
    },
  };

  async function beside(run: Run, holdId: string): Promise<HttpAnswer> {
    const hold = await desk.cases.get(holdId);
    return hold === null ? deniedAgain(holdId) : besideAnswer(hold, run.host.name);
  }

  async function deniedAgain(holdId: string): Promise<HttpAnswer> {
    const hold = await desk.cases.get(holdId);
    const by = hold?.state.kind === 'denied' ? hold.state.by : 'a human';
    const why = `${by} said no to this same request (${holdId}); a no stands for 24 h.`;
    return deniedAnswer([
      reason(
        'denied-by-human',
        'Nothing was done.',
        why,
        'Do not repeat it or reach for the same goal another way; ask your human what they want instead.',
      ),
    ]);
  }
}
