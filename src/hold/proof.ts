// Requirements and proofs: what must be shown to be true before a hold may be released. Data only;
// safeguard/ says which requirements an action has, lifecycle/ collects the proofs, may-release.ts insists on them.

/** Something that must be proven before release. */
export type Requirement =
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'backup'; readonly backup: string; readonly resource: string; readonly maxAgeMs: number };

export interface Proof {
  readonly kind: Requirement['kind'];
  /** The requirement it answers, canonical JSON. */
  readonly requirement: string;
  readonly id: string;
  readonly atMs: number;
  /** One plain sentence for the page, without places or paths. */
  readonly says: string;
}
