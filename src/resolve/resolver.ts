// The Resolver port: a provider's answer to "where does this thing lie and what dies with it".
// Facts only, by provider ids; mapping ids to the policy's environments is resolve/resolution.ts (pure).
// A resolver makes evidence calls from a closed list with the gateway's own read credential (invariant 9) and
// never sees the agent's URL, path or query text.

import type { Operation, ResourceRef } from '../action/action.ts';
import type { Blast, Evidence } from '../action/effect.ts';

/** One disk, row or service of a resource in one of the provider's environments. */
export interface Place {
  /** e.g. {provider:'railway', kind:'environment', id}. */
  readonly environment: ResourceRef;
  /** The provider's name for that environment; shown, never evidence. */
  readonly label: string;
  /** e.g. a mount path; empty if none. */
  readonly detail: string;
  /** True if the membership of this environment was changed within the last 24 h (disposable needs false). null: not known. */
  readonly changedRecently: boolean | null;
}

export interface Located {
  readonly ref: ResourceRef;
  readonly label: string | null;
  /** Every place reached. Empty together with `incomplete`: unknown. */
  readonly places: readonly Place[];
  /** Non-null: the walk was not complete (no access, page missing, no match); the environment is then unknown. */
  readonly incomplete: string | null;
  readonly blast: Blast | null;
  readonly undo: string | null;
  /** The human line for this resource, as in `project pocketos -> staging /data, production /data (41 GB, 6 backups inside)`. */
  readonly line: string;
  readonly evidence: readonly Evidence[];
}

export interface ResolveOptions {
  /** True just before release: no cache may answer. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

export interface Resolver {
  readonly provider: string;
  /** Locates every target of the operations, expanding what an operation reaches indirectly (staged patches). Never throws for the provider's "no": that is `incomplete`. */
  locate(operations: readonly Operation[], options: ResolveOptions): Promise<readonly Located[]>;
}
