// A provider is a page of data: hosts, auth slots, token shapes, operations with their own examples.
// It carries no network code (that is the provider's resolver) and no order of stages. Readers take pages as a value.
// Adding a provider touches providers/<name>/ alone; CONTRIBUTING.md has the four steps.

import type { Aspect, Effect, Recovery } from '../action/effect.ts';

/** Where a credential may stand in a request to this provider. Anything else in a slot is a stray credential. */
export interface AuthSlot {
  /** Header name in lower case. */
  readonly header: string;
  /** `Bearer`, `Basic`, `token`; null: the header's whole value is the credential. */
  readonly scheme: string | null;
}

/** A shape by which a token of this provider is recognised. `context` shapes (bare UUIDs) need a name or header nearby. */
export interface TokenShape {
  readonly kind: string;
  /** Linear-time pattern source, without anchors. */
  readonly pattern: string;
  readonly needsContext: boolean;
  /** Environment variable names that hold it, e.g. RAILWAY_TOKEN. */
  readonly names: readonly string[];
  /** What such a token can do, in the article's words. */
  readonly power: 'unknown' | 'read' | 'write' | 'destroy' | 'account-wide';
  /** Where it can do that, in words: `one environment of one project`. Absent: only its power is known. */
  readonly reach?: string;
}

/** How one operation is read. Exactly one of `graphql`, `rest`, `action` names it. */
export interface OperationRule {
  /** GraphQL field name on `on`. */
  readonly graphql?: { readonly on: 'query' | 'mutation' | 'subscription'; readonly field: string };
  /** REST: method and path template with `{name}` segments and a final `*`. */
  readonly rest?: { readonly method: string; readonly path: string };
  /** AWS-like action name (`DeleteVolume`) of `service`. */
  readonly action?: { readonly service: string; readonly name: string };
  /** Extra condition on arguments or body; the rule is skipped when it does not hold. Pure, total. */
  readonly when?: (args: unknown) => boolean;
  readonly effect: Effect;
  readonly recovery?: Recovery;
  readonly aspects?: readonly Aspect[];
  readonly scope: string;
  /** Account-wide: environment `account`. */
  readonly account?: boolean;
  /** Resource kind of each argument (dotted path) that carries an id: { volumeId: 'volume' }. */
  readonly targets?: Readonly<Record<string, string>>;
  /** Arguments (dotted paths) that skip a safety net; recorded as name=value. */
  readonly bypass?: readonly string[];
  /** Paths in the answer to mask when the aspect is exposes-secrets. Present: masked, so no hold. */
  readonly masks?: readonly string[];
  /** The provider's word on undo, shown as such. */
  readonly undo?: string;
  /** One reason with its source; shown as evidence. */
  readonly because: string;
  /** Arguments (or bodies) that this rule matches and that it must not match; run by the page's own test. */
  readonly examples?: { readonly matches: readonly unknown[]; readonly differs: readonly unknown[] };
}

export interface ProviderPage {
  readonly name: string;
  /** Exact host names, or `*.suffix`. All are governed. */
  readonly hosts: readonly string[];
  /** Subset or additional patterns which a tenant controls: never receive an injected credential. */
  readonly tenantHosts: readonly string[];
  readonly authSlots: readonly AuthSlot[];
  readonly tokens: readonly TokenShape[];
  /** Path of the GraphQL endpoint, e.g. `/graphql/v2`; null if none. */
  readonly graphqlPath: string | null;
  /** A GraphQL schema's mutation that no rule names is destructive, assumed. Always true; kept for the reader. */
  readonly operations: readonly OperationRule[];
  readonly docs: string;
}
