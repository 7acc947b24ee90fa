// From a fold event to its journal entry: which facts are written down, masked, in which shape. The one place where a
// value could leak into the journal, so everything here is names, digests, numbers and Reasons - never headers or bodies.

import type { Action, Reading, Resolution } from '../action/action.ts';
import { resourceName } from '../action/action.ts';
import type { Json } from '../action/canonical.ts';
import type { Hold } from '../hold/hold.ts';
import { environmentName } from '../hold/material.ts';
import type { EventDraft, EventKind } from '../record/event.ts';
import type { LifecycleEvent } from './event.ts';

/** What an entry says about whose action it is; known to the driver from the case. */
export interface EntryContext {
  readonly actionId: string;
  readonly holdId: string | null;
  readonly agent: string;
  readonly session: string;
  readonly posture: Action['posture'];
}

type Data = { readonly [key: string]: Json };

/** Events that stay in memory: a repeated request is counted on the hold, not in the journal. */
export function draftOf(event: LifecycleEvent, context: EntryContext): EventDraft {
  const kind: EventKind = event.kind === 'asked-again' ? 'attached' : event.kind;
  return { kind, atMs: event.atMs, ...context, data: dataOf(event) };
}

function requestData(action: Action): Data {
  const { channel, content, asked, claimed } = action;
  if (content.kind !== 'http') return { channel, asked, claimed };
  const { method, host, path } = content.request;
  // The query may carry values; the path alone names the thing.
  return { channel, method, host, path: (path.split('?', 1)[0] ?? '').slice(0, 300).toWellFormed(), asked, claimed };
}

function readingData(reading: Reading): Data {
  const { operation, effect, basis, recovery, aspects, provider } = reading;
  return {
    operation: operation.slice(0, 500),
    effect,
    basis,
    recovery,
    aspects,
    provider,
    unreadable: reading.unreadable?.code ?? null,
  };
}

function resolutionData(resolution: Resolution): Data {
  return {
    line: resolution.line,
    environments: resolution.environments.map(environmentName),
    resources: resolution.resources.map((resource) => resourceName(resource.ref)),
  };
}

function heldData(hold: Hold): Data {
  const { needs } = hold;
  return {
    digest: hold.digest,
    operation: hold.reading.operation.slice(0, 500),
    needs: {
      factors: needs.factors,
      people: needs.people,
      delayMs: needs.delayMs,
      safeguards: needs.safeguards.map((requirement) => requirement.kind),
    },
    before:
      hold.before === null ? null : { hold: hold.before.hold, atMs: hold.before.atMs, outcome: hold.before.outcome },
  };
}

function dataOf(event: LifecycleEvent): Data {
  switch (event.kind) {
    case 'requested':
      return requestData(event.action);
    case 'classified':
      return readingData(event.reading);
    case 'resolved':
      return resolutionData(event.resolution);
    case 'decided':
      return { verdict: event.verdict.kind, reasons: event.verdict.reasons.map((each) => ({ ...each })) };
    case 'attached':
      return { hold: event.holdId };
    case 'held':
      return heldData(event.hold);
    case 'proven':
      return {
        proof: event.proof.id,
        of: event.proof.kind,
        requirement: event.proof.requirement,
        says: event.proof.says,
      };
    case 'approved': {
      const { human, factors, publicKey, nonce, digest, signature } = event.approval;
      return { human, factors, publicKey, nonce, digest, signature };
    }
    case 'delayed':
      return { untilMs: event.untilMs };
    case 'executed':
      return { outcome: event.outcome, status: event.status, after: event.after };
    case 'denied':
    case 'cancelled':
      return { by: event.by };
    case 'reheld':
      return { because: event.because, digest: event.hold?.digest ?? null };
    case 'settled':
      return { happened: event.happened, by: event.by };
    default:
      return {};
  }
}
