// Our own HTTP answers to an agent: 403, 409, 423 as problem JSON (RFC 9457), for people and for models.
// They say what, why and what next, and never where a backup lies or what a secret is.

import type { HttpAnswer } from '../channels/http/port.ts';
import type { Hold } from '../hold/hold.ts';
import { holdHead } from '../hold/hold-page.ts';
import type { Reason } from '../platform/reason.ts';

/** Seconds after which a held request is worth repeating. */
const retryAfterS = 30;

/** For a model: the goal is on hold, not this tool. */
const doNot =
  'Do not look for another route, another credential or another tool for the same goal: the goal itself is on hold. Wait, or ask your human.';

export type OwnOutcome = 'denied' | 'held' | 'unknown' | 'refused';

interface ProblemParts {
  readonly status: number;
  readonly outcome: OwnOutcome;
  readonly title: string;
  readonly head: readonly string[];
  readonly reasons: readonly Reason[];
  readonly holdId: string | null;
  readonly next: string;
}

function problem(parts: ProblemParts): HttpAnswer {
  const { status, outcome, title, head, reasons, holdId, next } = parts;
  const sentences = reasons.map((each) => `${each.what} ${each.why} ${each.next}`);
  const body = {
    type: `https://holdpoint.dev/problems/${outcome}`,
    title,
    status,
    detail: [...head, ...sentences].join('\n'),
    outcome,
    holdId,
    reason: reasons.map(({ code, what, why }) => ({ code, what, why })),
    next,
    doNot,
  };
  const headers: [string, string][] = [
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
  ];
  if (status === 423 || status === 409) headers.push(['retry-after', String(retryAfterS)]);
  return { kind: 'own', status, headers, body: `${JSON.stringify(body, null, 2)}\n` };
}

export function deniedAnswer(reasons: readonly Reason[]): HttpAnswer {
  const next = reasons[0]?.next ?? 'Ask your human.';
  return problem({
    status: 403,
    outcome: 'denied',
    title: 'Denied by Holdpoint',
    head: [],
    reasons,
    holdId: null,
    next,
  });
}

export function refusedAnswer(status: number, reason: Reason): HttpAnswer {
  return problem({
    status,
    outcome: 'refused',
    title: 'Refused by Holdpoint',
    head: [],
    reasons: [reason],
    holdId: null,
    next: reason.next,
  });
}

export function heldAnswer(hold: Hold): HttpAnswer {
  const next = `Repeat the identical request later: it joins hold ${hold.id}. A human decides with: holdpoint hold show ${hold.id}`;
  return problem({
    status: 423,
    outcome: 'held',
    title: 'On hold until a human has decided',
    head: holdHead(hold),
    reasons: hold.reasons,
    holdId: hold.id,
    next,
  });
}

/** What a hold that has ended answers to those who wait for it or ask again. */
export function endedAnswer(hold: Hold, reason: Reason): HttpAnswer {
  return problem({
    status: 403,
    outcome: 'denied',
    title: 'Not done',
    head: holdHead(hold),
    reasons: [reason],
    holdId: hold.id,
    next: reason.next,
  });
}

export function unknownAnswer(hold: Hold): HttpAnswer {
  const reason: Reason = {
    code: 'outcome-unknown',
    what: 'This same request was sent and its outcome is not known.',
    why: 'The connection ended between the first byte and a complete answer, or the gateway stopped there.',
    next: `A human settles it: holdpoint hold settle ${hold.id} happened|not-happened`,
  };
  return problem({
    status: 409,
    outcome: 'unknown',
    title: 'Outcome not known',
    head: holdHead(hold),
    reasons: [reason],
    holdId: hold.id,
    next: reason.next,
  });
}
