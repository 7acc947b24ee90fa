// The story of one action, gathered from its events: what was asked, what it would do and where, who decided, how it
// ended. Only named members of `data` are read, so that nothing reaches the change log because it happened to be there;
// whatever is missing is "not known" and never guessed.

import type { Json } from '../action/canonical.ts';
import { inertShort } from '../hold/inert-text.ts';
import type { SealedEvent } from './event.ts';
import { inertClaim } from './free-words.ts';

export const notKnown = 'not known';

export interface Story {
  readonly holdId: string | null;
  readonly agent: string | null;
  readonly asked: string;
  readonly action: string;
  readonly target: string;
  readonly environment: string;
  /** `read`, `write`, `destructive`; null: not known. */
  readonly effect: string | null;
  readonly recovery: string | null;
  readonly verdict: string | null;
  readonly why: string;
  readonly held: boolean;
  readonly approvals: readonly string[];
  readonly outcome: string | null;
}

export const emptyStory: Story = {
  holdId: null,
  agent: null,
  asked: notKnown,
  action: notKnown,
  target: notKnown,
  environment: notKnown,
  effect: null,
  recovery: null,
  verdict: null,
  why: notKnown,
  held: false,
  approvals: [],
  outcome: null,
};

/** The story with one more event. Unknown kinds and members change nothing. */
export function tell(story: Story, event: SealedEvent): Story {
  const { data } = event;
  const told = { ...story, agent: story.agent ?? event.agent, holdId: story.holdId ?? event.holdId };
  switch (event.kind) {
    case 'requested':
      // A retry that joins a hold is requested again; the hold's own reading stays.
      return {
        ...told,
        asked: claim(data.asked) ?? told.asked,
        action: told.action === notKnown ? (requestLine(data) ?? notKnown) : told.action,
      };
    case 'classified':
      return {
        ...told,
        action: word(data.operation) ?? told.action,
        effect: word(data.effect),
        recovery: word(data.recovery),
      };
    case 'resolved':
      return {
        ...told,
        environment: names(data.environments) ?? told.environment,
        target: word(data.line) ?? names(data.resources) ?? told.target,
      };
    case 'decided':
      return { ...told, verdict: word(data.verdict), why: reasons(data.reasons) ?? told.why };
    case 'held':
    case 'reheld':
      return { ...told, held: true, outcome: null, approvals: [] };
    case 'approved':
      return { ...told, approvals: [...told.approvals, approval(data)] };
    case 'executed':
      return { ...told, outcome: word(data.outcome) ?? 'unknown' };
    default:
      return told;
  }
}

/** A string as inert text, null if it is none. */
export function word(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? inertShort(value) : null;
}

function claim(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? inertClaim(value) : null;
}

/** Names of a list of strings or of things with a name; null if there is none. At most ten, and how many more. */
export function names(value: Json | undefined): string | null {
  if (typeof value === 'string') return word(value);
  if (!Array.isArray(value) || value.length === 0) return null;
  const all = (value as readonly Json[]).map(nameOf);
  const more = all.length > 10 ? ` and ${all.length - 10} more` : '';
  return `${all.slice(0, 10).join(', ')}${more}`;
}

function nameOf(value: Json): string {
  if (typeof value === 'string') return inertShort(value);
  const thing = member(value);
  return word(thing.name) ?? word(thing.kind) ?? notKnown;
}

/** The members of a JSON object; none for anything else. */
export function member(value: Json | undefined): { readonly [key: string]: Json } {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as { readonly [key: string]: Json }) : {};
}

function requestLine(data: SealedEvent['data']): string | null {
  const parts = [word(data.method), word(data.host)].filter((part) => part !== null);
  return parts.length === 0 ? word(data.channel) : parts.join(' ');
}

function reasons(value: Json | undefined): string | null {
  const first = Array.isArray(value) ? member((value as readonly Json[])[0]) : member(value);
  const parts = [word(first.what), word(first.why)].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}

function approval(data: SealedEvent['data']): string {
  const factors = names(data.factors);
  return `${word(data.human) ?? notKnown}${factors === null ? '' : ` (${factors})`}`;
}
