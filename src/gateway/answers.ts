// Our own HTTP answers to an agent: 403, 409, 423 as problem JSON (RFC 9457), for people and for models.
// They say what, why and what next, and never where a backup lies or what a secret is.

import type { HttpAnswer } from '../channels/http/port.ts';
import { problem } from '../channels/http/problem.ts';
import type { Hold } from '../hold/hold.ts';
import { holdHead } from '../hold/hold-page.ts';
import type { Reason } from '../platform/reason.ts';

/** Seconds after which a held request is worth repeating. */
const retryAfterSeconds = 30;

const plain = { holdId: null, head: null, doNot: null, retryAfterSeconds: null } as const;

export function deniedAnswer(reasons: readonly Reason[]): HttpAnswer {
  return problem({ ...plain, status: 403, outcome: 'denied', reasons });
}

export function refusedAnswer(status: number, reason: Reason): HttpAnswer {
  return problem({ ...plain, status, outcome: 'refused', reasons: [reason] });
}

export function heldAnswer(hold: Hold): HttpAnswer {
  const waits: Reason = {
    code: 'on-hold',
    what: 'On hold until a human has decided.',
    why: `It waits as ${hold.id}; nothing has been done.`,
    next: `Repeat the identical request later: it joins this hold. A human looks at it with: holdpoint hold show ${hold.id}`,
  };
  const reasons = [waits, ...hold.reasons];
  return problem({
    ...plain,
    status: 423,
    outcome: 'held',
    reasons,
    holdId: hold.id,
    head: holdHead(hold),
    retryAfterSeconds,
  });
}

/** Another request of this agent to the same unjudged host waits already: one question per host is enough. */
export function besideAnswer(hold: Hold, host: string): HttpAnswer {
  const waits: Reason = {
    code: 'host-on-hold',
    what: 'On hold until a human has judged this host.',
    why: `Another request of this agent to ${host} waits as ${hold.id}; this one was not sent.`,
    next: `Wait until a human has decided, then repeat it. They may list the host: holdpoint host allow ${host}`,
  };
  return problem({
    ...plain,
    status: 423,
    outcome: 'held',
    reasons: [waits],
    holdId: hold.id,
    head: holdHead(hold),
    retryAfterSeconds,
  });
}

/** What a hold that has ended answers to those who wait for it or ask again. */
export function endedAnswer(hold: Hold, reason: Reason): HttpAnswer {
  return problem({
    ...plain,
    status: 403,
    outcome: 'denied',
    reasons: [reason],
    holdId: hold.id,
    head: holdHead(hold),
  });
}

export function unknownAnswer(hold: Hold): HttpAnswer {
  const reason: Reason = {
    code: 'outcome-unknown',
    what: 'This same request was sent and its outcome is not known.',
    why: 'The connection ended between the first byte and a complete answer, or the gateway stopped there.',
    next: `A human settles it: holdpoint hold settle ${hold.id} happened|not-happened`,
  };
  const head = holdHead(hold);
  return problem({
    ...plain,
    status: 409,
    outcome: 'unknown',
    reasons: [reason],
    holdId: hold.id,
    head,
    retryAfterSeconds,
  });
}
