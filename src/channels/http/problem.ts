// Problem JSON (RFC 9457) for refusals, holds and unknown outcomes: `detail` for people, machine fields for models.
// Pure renderer; which status and reasons apply is decided in the pipeline. Never carries a secret or the agent's text.

import type { Headers } from '../../execute/executor.ts';
import type { Reason } from '../../platform/reason.ts';

export type ProblemOutcome = 'denied' | 'held' | 'unknown' | 'refused';

export interface Problem {
  readonly status: number;
  readonly outcome: ProblemOutcome;
  /** At least one; the first gives title and type. */
  readonly reasons: readonly Reason[];
  readonly holdId: string | null;
  /** The three lines with which a hold begins wherever it is shown (DESIGN section 3); null where there is none. */
  readonly head: readonly [action: string, environment: string, warning: string] | null;
  /** What the agent must not do now; null takes the sentence that fits the outcome. */
  readonly doNot: string | null;
  readonly retryAfterSeconds: number | null;
}

const doNotByOutcome: Readonly<Record<ProblemOutcome, string>> = {
  held: 'The goal is on hold, not this tool: do not look for another route; wait or ask.',
  denied: 'Do not look for another route or another credential to the same goal; ask the human.',
  unknown: 'Do not send the request again: it may have been carried out. Wait until a human has settled it.',
  refused: 'Do not go around the proxy; send the request in the form that is asked for.',
};

/** The answer as status, headers and body. */
export function problem(input: Problem): {
  readonly kind: 'own';
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
} {
  const [first] = input.reasons;
  const sentences = input.reasons.map((reason) => `${reason.what} ${reason.why} ${reason.next}`);
  const body = {
    type: `urn:holdpoint:${first?.code ?? input.outcome}`,
    title: first?.what ?? 'Refused.',
    status: input.status,
    detail: [...(input.head ?? []), ...sentences].join('\n'),
    outcome: input.outcome,
    holdId: input.holdId,
    reason: input.reasons,
    next: first?.next ?? null,
    doNot: input.doNot ?? doNotByOutcome[input.outcome],
  };
  const headers: [string, string][] = [
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
  ];
  if (input.retryAfterSeconds !== null) headers.push(['retry-after', String(input.retryAfterSeconds)]);
  return { kind: 'own', status: input.status, headers, body: `${JSON.stringify(body, null, 2)}\n` };
}
