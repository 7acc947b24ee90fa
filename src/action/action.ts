// The vocabulary every channel and stage shares: Action, Reading, Resource, Environment, Verdict.
// An Action is what an agent asked for, in bytes; a Reading is what those bytes would do; a Resolution is where.
// Nothing here decides anything; see classify/, resolve/, authorize/ and decide/ for the stages that fill these in.

import type { Reason } from '../platform/reason.ts';
import type { Aspect, Basis, Blast, Effect, Evidence, Recovery } from './effect.ts';
import type { OutgoingRequest } from './request.ts';

export type ChannelName = 'http' | 'sql' | 'shell' | 'mcp' | 'sdk';

/** What the agent's bytes are. One kind per protocol; classify/ has one reader for each. */
export type ActionContent =
  | { readonly kind: 'http'; readonly request: OutgoingRequest }
  | { readonly kind: 'sql'; readonly sql: string }
  | { readonly kind: 'shell'; readonly command: string }
  | { readonly kind: 'mcp'; readonly tool: string; readonly annotations: unknown; readonly arguments: unknown };

/** advised < brokered < confined. Measured by the gateway for each session, never configured. */
export type Posture = 'advised' | 'brokered' | 'confined';

export interface Action {
  readonly id: string;
  readonly channel: ChannelName;
  readonly agent: string;
  readonly session: string;
  /** Milliseconds since the epoch, gateway's clock. */
  readonly atMs: number;
  readonly posture: Posture;
  readonly content: ActionContent;
  /** What the human had asked the agent to do, where known (`run --task`, SDK); null if not known. */
  readonly asked: string | null;
  /** The agent's own reason (`Holdpoint-Reason` header): a claim, shown as inert text. */
  readonly claimed: string | null;
}

/** A thing at a provider, e.g. {provider:'railway', kind:'volume', id:'3d2c…'}. `id` is the provider's own. */
export interface ResourceRef {
  readonly provider: string;
  readonly kind: string;
  readonly id: string;
}

/** `railway:volume:3d2c…`: how policies and pages name a resource. */
export function resourceName(ref: ResourceRef): string {
  return `${ref.provider}:${ref.kind}:${ref.id}`;
}

/** Class of the host a request goes to; decided by the gateway from providers and configuration (DESIGN section 5 "Hosts"). */
export type HostClass = 'governed' | 'other' | 'ordinary' | 'tunnel';

/** One operation inside an action: a GraphQL field, an AWS action, an SQL statement. */
export interface Operation {
  /** Provider's own name (`volumeDelete`), or METHOD /path for REST. */
  readonly name: string;
  readonly effect: Effect;
  readonly basis: Basis;
  readonly recovery: Recovery;
  readonly aspects: readonly Aspect[];
  /** Scope kind this needs, e.g. `volumes`. `other` where no rule names one. */
  readonly scope: string;
  /** Things it names by id. Empty: not known which, unless `account`. */
  readonly targets: readonly ResourceRef[];
  /** True for lists of projects, tokens, `me`, introspection: environment `account`. */
  readonly account: boolean;
  /** Parameters that skip a safety net (`force`, `skipFinalSnapshot`), as `name=value`; part of the digest. */
  readonly bypass: readonly string[];
  readonly evidence: readonly Evidence[];
  /** Field paths in the JSON answer whose values are masked (the provider's page says so), e.g. `data.variables`. */
  readonly masks: readonly string[];
}

/** classify's answer: the worst over all operations found, and each of them. */
export interface Reading {
  readonly effect: Effect;
  readonly basis: Basis;
  readonly recovery: Recovery;
  readonly aspects: readonly Aspect[];
  /** All operation names joined by ` + `, worst first; what ACTION shows. */
  readonly operation: string;
  readonly provider: string | null;
  readonly operations: readonly Operation[];
  /** A proven read without aspects whose operation and query carry no danger word. */
  readonly plain: boolean;
  /** Non-null: two readings or unreadable bytes; the verdict is deny. effect is then destructive, assumed. */
  readonly unreadable: Reason | null;
  readonly evidence: readonly Evidence[];
}

/** Where a resource lies. There is no guessed kind. */
export type Environment =
  | {
      readonly kind: 'verified';
      readonly name: string;
      readonly protected: boolean;
      readonly disposable: boolean;
      readonly by: string;
    }
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'account' };

/** One resource with every environment that it reaches and what would be lost there. */
export interface ResolvedResource {
  readonly ref: ResourceRef;
  /** The provider's name for it, if any (`pocketos-db`); never evidence for an environment. */
  readonly label: string | null;
  readonly environments: readonly Environment[];
  readonly blast: Blast | null;
  /** The provider's word on undo for this call, e.g. "48 h, e-mailed link"; null: not known. */
  readonly undo: string | null;
  readonly evidence: readonly Evidence[];
}

/** resolve's answer for a whole action. */
export interface Resolution {
  readonly resources: readonly ResolvedResource[];
  /** Union over all resources, deduplicated, strictest first (unknown, protected, other). Never empty. */
  readonly environments: readonly Environment[];
  /** The one line a human reads, e.g. `volumeDelete 3d2c42fb -> project pocketos -> staging …, production …`. */
  readonly line: string;
  readonly atMs: number;
}

export type VerdictKind = 'allow' | 'hold' | 'deny';

export interface Verdict {
  readonly kind: VerdictKind;
  readonly reasons: readonly Reason[];
}

export type Outcome = 'ok' | 'failed' | 'unknown';
