// A Reason is the one form in which Holdpoint explains itself: what, why, what next.
// Every refusal, hold and error carries at least one; console, CLI, problem JSON and the change log print the same three
// parts. It is not an error type: faults are HoldpointError (platform/fault.ts), answers are values.

/** One explanation, complete sentences in plain words, without secrets and without text that the agent controls. */
export interface Reason {
  /** Stable machine word in kebab-case, documented in docs/reference/codes.md. */
  readonly code: string;
  /** What happened or was refused. */
  readonly what: string;
  /** Why: the rule and the evidence. */
  readonly why: string;
  /** What the reader can do next. */
  readonly next: string;
}

export function reason(code: string, what: string, why: string, next: string): Reason {
  return { code, what, why, next };
}
