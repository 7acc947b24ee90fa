// From a fold event to its journal entry: which facts are written down, masked, in which shape. The one place where a
// value could leak into the journal, so everything here is names, digests, numbers and Reasons: never headers, bodies or
// query values. What an agent can word itself (path, operation, ids, its claim) goes through journal-text.ts.

import type { Action, Reading, Resolution } from '../action/action.ts';
import { resourceName } from '../action/action.ts';
import type { Json } from '../action/canonical.ts';
import type { Hold } from '../hold/hold.ts';
import { environmentName } from '../hold/material.ts';
import type { Reason } from '../platform/reason.ts';
import type { EventDraft, EventKind } from '../record/event.ts';
import type { LifecycleEvent } from './event.ts';
import { journalText, journalTextOrNull } from './journal-text.ts';

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
  const { actionId, holdId, agent, session, posture } = context;
  return { kind, atMs: event.atMs, actionId, holdId, agent, session, posture, data: dataOf(event) };
}

const nameMax = 300;
const pathMax = 300;
const claimMax = 500;
const operationMax = 500;
const lineMax = 2_000;

/** A reason repeats what it judged, so it is bounded like the words it may repeat. */
function reasonData({ code, what, why, next }: Reason): Data {
  return {
    code: journalText(code, nameMax),
    what: journalText(what, lineMax),
    why: journalText(why, lineMax),
    next: journalText(next, lineMax),
  };
}

function requestData(action: Action): Data {
  const { channel, content } = action;
  const words = {
    asked: journalTextOrNull(action.asked, claimMax),
    claimed: journalTextOrNull(action.claimed, claimMax),
  };
  if (content.kind !== 'http') return { channel, ...words };
  const { method, host, path } = content.request;
  return {
    channel,
    method: journalText(method, 32),
    host: journalText(host, 253),
    // The query may carry values (and some servers take `;` or `#` for its beginning); the path alone names the thing.
    path: journalText(path.split(/[?;#]/, 1)[0] ?? '', pathMax),
    ...words,
  };
}

function readingData(reading: Reading): Data {
  const { operation, effect, basis, recovery, aspects, provider } = reading;
  return {
    operation: journalText(operation, operationMax),
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
    line: journalText(resolution.line, lineMax),
    environments: resolution.environments.map((each) => journalText(environmentName(each), nameMax)),
    resources: resolution.resources.map((resource) => journalText(resourceName(resource.ref), nameMax)),
  };
}

function heldData(hold: Hold): Data {
  const { needs } = hold;
  return {
    digest: hold.digest,
    operation: journalText(hold.reading.operation, operationMax),
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
      return { verdict: event.verdict.kind, reasons: event.verdict.reasons.map(reasonData) };
    case 'attached':
      return { hold: event.holdId };
    case 'held':
      return heldData(event.hold);
    case 'proven':
      return {
        proof: event.proof.id,
        of: event.proof.kind,
        requirement: event.proof.requirement,
        says: journalText(event.proof.says, lineMax),
      };
    case 'approved': {
      const { human, factors, publicKey, nonce, digest, signature } = event.approval;
      return { human, factors, publicKey, nonce, digest, signature };
    }
    case 'delayed':
      return { untilMs: event.untilMs };
    case 'executed':
      return { outcome: event.outcome, status: event.status, after: journalTextOrNull(event.after, lineMax) };
    case 'denied':
    case 'cancelled':
      return { by: event.by };
    case 'reheld':
      return { because: event.because.map((each) => journalText(each, lineMax)), digest: event.hold?.digest ?? null };
    case 'settled':
      return { happened: event.happened, by: event.by };
    default:
      return {};
  }
}
