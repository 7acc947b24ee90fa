// The last look and the one execution. recheck: everything resolved again without caches, the digest rebuilt from the
// stored bytes, then mayRelease. execute: those bytes, once, on a fresh connection, with a credential that the agent
// never held. No retry: from the first byte to a complete answer the outcome is unknown (DESIGN section 6).

import type { Outcome, Reading, Resolution } from '../action/action.ts';
import type { OutgoingRequest } from '../action/request.ts';
import { isExpired } from '../authorize/authorize.ts';
import { grantDigest } from '../authorize/digests.ts';
import type { Reader } from '../classify/reader.ts';
import type { HttpExecutor } from '../execute/executor.ts';
import { type DigestInput, holdDigest } from '../hold/digest.ts';
import type { Hold } from '../hold/hold.ts';
import { materialFacts } from '../hold/material.ts';
import { mayRelease } from '../hold/may-release.ts';
import type { LifecycleEvent } from '../lifecycle/event.ts';
import { currentPeople } from '../lifecycle/system.ts';
import { HoldpointError } from '../platform/fault.ts';
import { requirementsFor } from '../safeguard/requirements.ts';
import type { BodyWrite, Storage } from '../storage/storage.ts';
import { maskBytes } from './answer-masks.ts';
import { requestBody, resultBody } from './hold-cases.ts';
import type { Broker, Sealer } from './ports.ts';
import type { Resolve } from './resolving.ts';
import { decodeRequest, encodeResult, resultBytesMax, type StoredResult } from './result.ts';
import type { Rules } from './rules.ts';
import { readAll } from './stream.ts';
import type { System } from './system.ts';

export interface ReleaseDeps {
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly system: System;
  readonly reader: Reader;
  readonly rules: Rules;
  readonly resolve: Resolve;
  readonly broker: Broker;
  readonly executor: HttpExecutor;
  readonly wallMs: () => number;
  readonly fault: (where: string, error: unknown) => void;
}

export interface Release {
  recheck(hold: Hold): Promise<LifecycleEvent>;
  execute(hold: Hold): Promise<{ readonly event: LifecycleEvent; readonly bodies: readonly BodyWrite[] }>;
  /** The stored request of a hold as the agent sent it, placeholders in place. */
  requestOf(hold: Hold): Promise<OutgoingRequest>;
}

/** No signal ends an execution half-way; the executor has its own limits. */
const never = new AbortController().signal;
const resolveTimeoutMs = 20_000;

export function createRelease(deps: ReleaseDeps): Release {
  const { storage, sealer, system, wallMs } = deps;

  async function requestOf(hold: Hold): Promise<OutgoingRequest> {
    const id = requestBody(hold.id);
    const sealed = await storage.body(id);
    if (sealed === null) {
      throw new HoldpointError('request-missing', {
        what: 'The stored request of this hold is gone.',
        why: 'The store has no body for it.',
        next: 'Deny the hold; the agent may ask again.',
      });
    }
    return decodeRequest(sealer.open(id, sealed));
  }

  /** What the rules of now ask of this hold. */
  function needsNow(reading: Reading, resolution: Resolution): Hold['needs'] | null {
    const { policy } = system.state;
    if (policy === null) return null;
    const needs = deps.rules.needs(reading, resolution, policy);
    return { ...needs, safeguards: requirementsFor(resolution, policy, needs.delayMs) };
  }

  function inputFor(hold: Hold, request: OutgoingRequest, needs: Hold['needs'] | null): DigestInput {
    const grant = system.grantOf(hold.agent);
    return {
      agent: hold.agent,
      grantDigest: grant === null ? 'no grant' : grantDigest(grant),
      policyDigest: system.state.policyDigest,
      channel: hold.channel,
      content: { kind: 'http', request },
      credential: hold.credential,
      material: hold.material,
      safeguards: (needs ?? hold.needs).safeguards,
    };
  }

  /** The hold as a human must see it now: fresh evidence, what is needed now, and the digest that goes with both. */
  function renewed(hold: Hold, request: OutgoingRequest, reading: Reading, resolution: Resolution): Hold {
    const material = materialFacts(reading, resolution);
    const needs = needsNow(reading, resolution) ?? hold.needs;
    const input = { ...inputFor(hold, request, needs), material };
    const { grantDigest, policyDigest } = input;
    return { ...hold, reading, resolution, material, needs, grantDigest, policyDigest, digest: holdDigest(input) };
  }

  async function recheck(hold: Hold): Promise<LifecycleEvent> {
    try {
      const request = await requestOf(hold);
      const reading = deps.reader.read({ kind: 'http', request });
      const resolution = await deps.resolve(reading, 'fresh', AbortSignal.timeout(resolveTimeoutMs));
      const grant = system.grantOf(hold.agent);
      const state = system.agentState(hold.agent);
      const nowMs = wallMs();
      const answer = mayRelease({
        hold,
        input: inputFor(hold, request, needsNow(reading, resolution)),
        fresh: materialFacts(reading, resolution),
        people: currentPeople(system.state),
        agent: {
          frozen: state === 'frozen',
          revoked: state === 'revoked' || grant === null,
          expired: grant !== null && isExpired(grant, nowMs),
        },
        nowMs,
      });
      if (answer.kind === 'may')
        return { kind: 'released', atMs: nowMs, nonces: hold.approvals.map((each) => each.nonce) };
      if (answer.kind === 'lapsed') return { kind: 'lapsed', atMs: nowMs };
      const because = answer.reasons.map((each) => each.why);
      return { kind: 'reheld', atMs: nowMs, because, hold: renewed(hold, request, reading, resolution) };
    } catch (error) {
      deps.fault('recheck', error);
      return {
        kind: 'reheld',
        atMs: wallMs(),
        because: ['The request could not be looked at again before release.'],
        hold: null,
      };
    }
  }

  /** What is there now, in the words of the evidence; null when nobody knows. */
  async function lookAfter(hold: Hold): Promise<string | null> {
    try {
      const resolution = await deps.resolve(hold.reading, 'fresh', AbortSignal.timeout(resolveTimeoutMs));
      return resolution.line;
    } catch {
      return null;
    }
  }

  /** Everything before the first byte: what fails here has certainly not happened. */
  async function prepare(hold: Hold): Promise<OutgoingRequest> {
    const request = await requestOf(hold);
    const page = deps.reader.providerOf(request.host);
    return hold.credential === null || page === null ? request : deps.broker.inject(request, hold.credential, page);
  }

  async function send(
    hold: Hold,
    injected: OutgoingRequest,
  ): Promise<{ readonly result: StoredResult; readonly bodies: readonly BodyWrite[] }> {
    const answer = await deps.executor.send(injected, { bulk: null, signal: never, fresh: true });
    const masked =
      hold.credential === null ? answer.body : deps.broker.maskBody(answer.body, answer.headers, hold.credential);
    const headers =
      hold.credential === null ? answer.headers : deps.broker.maskHeaders(answer.headers, hold.credential);
    const { bytes, cut } = await readAll(masked, resultBytesMax);
    const id = resultBody(hold.id);
    // A yes to the rest of a request is no yes to its secrets: what passes masked when allowed is masked here as well.
    const masks = hold.reading.operations.flatMap((operation) => operation.masks);
    const shown = masks.length === 0 ? { headers, body: bytes } : maskBytes(bytes, headers, masks);
    const result: StoredResult = { status: answer.status, ...shown, cut };
    return { result, bodies: [{ id, bytes: sealer.seal(id, encodeResult(result)) }] };
  }

  return {
    recheck,
    requestOf,
    async execute(hold) {
      let phase: 'preparing' | 'sending' = 'preparing';
      try {
        const injected = await prepare(hold);
        phase = 'sending';
        const { result, bodies } = await send(hold, injected);
        const outcome = outcomeOf(result);
        return {
          event: { kind: 'executed', atMs: wallMs(), outcome, status: result.status, after: await lookAfter(hold) },
          bodies,
        };
      } catch (error) {
        deps.fault('execution', error);
        const untouched =
          phase === 'preparing' || (error instanceof HoldpointError && error.code === 'upstream-not-reached');
        return {
          event: {
            kind: 'executed',
            atMs: wallMs(),
            outcome: untouched ? 'failed' : 'unknown',
            status: null,
            after: null,
          },
          bodies: [],
        };
      }
    },
  };
}

/**
 * What a complete answer says of itself. A server error may have come after the deed, so nobody knows; a GraphQL answer
 * with errors and no data did nothing although its status is 200 (Railway: "Not Authorized").
 */
export function outcomeOf(result: StoredResult): Outcome {
  if (result.status >= 500) return 'unknown';
  if (result.status >= 400) return 'failed';
  return saysNothingDone(result) ? 'failed' : 'ok';
}

function saysNothingDone(result: StoredResult): boolean {
  if (result.body.length > 64 * 1024) return false;
  try {
    const answer: unknown = JSON.parse(Buffer.from(result.body).toString());
    if (typeof answer !== 'object' || answer === null || !('errors' in answer)) return false;
    const data = 'data' in answer ? answer.data : null;
    const empty = data === null || (typeof data === 'object' && Object.values(data).every((value) => value === null));
    return Array.isArray(answer.errors) && answer.errors.length > 0 && empty;
  } catch {
    return false;
  }
}
