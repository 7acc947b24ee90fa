// Located facts x the policy's bindings -> Resolution: which of our environments an action reaches. Pure.
// Ids bind, names never do; an id that two environments claim lies in both; whatever is not known is `unknown`, which
// the later stages treat as production and protected. Adding a place can make the answer stricter, never milder.
// The resolver (a provider's) finds the places; authorize/ and decide/ judge what this gives.

import {
  type Environment,
  type Operation,
  type Resolution,
  type ResolvedResource,
  type ResourceRef,
  resourceName,
} from '../action/action.ts';
import type { EnvironmentPolicy } from './environment-policy.ts';
import { actionLine } from './resolution-line.ts';
import type { Located, Place } from './resolver.ts';

type Verified = Extract<Environment, { readonly kind: 'verified' }>;

/** Higher is stricter. Unknown counts as protected production, so nothing stands above it. */
export function strictness(environment: Environment): number {
  if (environment.kind === 'unknown') return 4;
  if (environment.kind === 'account') return 0;
  if (environment.protected) return 3;
  return environment.disposable ? 1 : 2;
}

function unknown(because: string): Environment {
  return { kind: 'unknown', because };
}

/** One entry per environment, strictest first; the first evidence of several for one environment is kept. */
export function unionOf(environments: readonly Environment[]): readonly Environment[] {
  const seen = new Map<string, Environment>();
  for (const environment of environments) {
    const key = keyOf(environment);
    if (!seen.has(key)) seen.set(key, environment);
  }
  return [...seen.values()].sort((a, b) => strictness(b) - strictness(a));
}

function keyOf(environment: Environment): string {
  if (environment.kind === 'account') return 'account';
  if (environment.kind === 'unknown') return `unknown ${environment.because}`;
  return `verified ${environment.name} ${environment.protected} ${environment.disposable}`;
}

function claimants(place: Place, bindings: readonly EnvironmentPolicy[]): readonly EnvironmentPolicy[] {
  const { provider, kind, id } = place.environment;
  return bindings.filter((binding) =>
    binding.is.some((each) => each.provider === provider && each.kind === kind && each.id === id),
  );
}

function environmentsAt(place: Place, bindings: readonly EnvironmentPolicy[]): readonly Environment[] {
  const claimed = claimants(place, bindings);
  if (claimed.length === 0) {
    return [unknown(`No environment of the policy claims ${resourceName(place.environment)}.`)];
  }
  return claimed.map(
    (binding): Verified => ({
      kind: 'verified',
      name: binding.name,
      protected: binding.protected,
      // Being disposable depends on all targets together; see withDisposable.
      disposable: binding.disposable && !binding.protected,
      by: verifiedBy(place),
    }),
  );
}

function environmentsOf(located: Located, bindings: readonly EnvironmentPolicy[]): readonly Environment[] {
  const found = located.places.flatMap((place) => environmentsAt(place, bindings));
  if (located.incomplete !== null) return unionOf([unknown(located.incomplete), ...found]);
  return found.length === 0 ? [unknown('The provider shows no place for it.')] : unionOf(found);
}

function resolvedFrom(located: Located, bindings: readonly EnvironmentPolicy[]): ResolvedResource {
  const { ref, label, blast, undo, evidence } = located;
  return { ref, label, environments: environmentsOf(located, bindings), blast, undo, evidence };
}

function missing(ref: ResourceRef): Located {
  return {
    ref,
    label: null,
    places: [],
    incomplete: `Where ${ref.kind} of ${ref.provider} lies was not found out.`,
    blast: null,
    undo: null,
    line: 'where this lies is not known',
    evidence: [],
  };
}

/** A target for which no resolver answered is a target whose place is not known, not one that does not count. */
function completed(located: readonly Located[], operations: readonly Operation[]): readonly Located[] {
  const answered = new Set(located.map((each) => resourceName(each.ref)));
  const silent = new Map<string, Located>();
  for (const { ref, name } of operations.flatMap((each) =>
    each.targets.map((target) => ({ ref: target, name: resourceName(target) })),
  )) {
    if (!answered.has(name)) silent.set(name, missing(ref));
  }
  return [...located, ...silent.values()];
}

function isPlainRead(operation: Operation): boolean {
  return operation.effect === 'read' && operation.basis === 'proven' && operation.aspects.length === 0;
}

/** What an operation without targets says about where: account-wide, nothing (a plain read), or not known. */
function environmentsWithoutTargets(operation: Operation): readonly Environment[] {
  if (operation.account) return [{ kind: 'account' }];
  if (operation.targets.length > 0 || isPlainRead(operation)) return [];
  return [unknown('The request does not say where.')];
}

/** Disposable passes without a human, so it needs all of it: one environment, all targets in it, long enough there. */
function isAllDisposable(
  located: readonly Located[],
  environments: readonly Environment[],
  operations: readonly Operation[],
): boolean {
  const [only] = environments;
  return (
    environments.length === 1 &&
    only?.kind === 'verified' &&
    only.disposable &&
    operations.every((operation) => operation.targets.length > 0 && !operation.account) &&
    located.length > 0 &&
    located.every((each) => each.incomplete === null && each.places.every((place) => place.changedRecently === false))
  );
}

function withoutDisposable(environment: Environment): Environment {
  return environment.kind === 'verified' && environment.disposable
    ? { ...environment, disposable: false }
    : environment;
}

/**
 * The environments that an action reaches. `located` is what the provider's resolver found for `operations`; `atMs` is
 * the time of that look. Never empty, strictest first.
 */
export function resolveWith(
  located: readonly Located[],
  operations: readonly Operation[],
  bindings: readonly EnvironmentPolicy[],
  atMs: number,
): Resolution {
  const all = completed(located, operations);
  const resources = all.map((each) => resolvedFrom(each, bindings));
  const reached = unionOf([
    ...resources.flatMap((resource) => resource.environments),
    ...operations.flatMap(environmentsWithoutTargets),
  ]);
  const environments = reached.length === 0 ? [unknown('The request does not say where.')] : reached;
  const line = actionLine(all, operations);
  if (isAllDisposable(all, environments, operations)) return { resources, environments, line, atMs };
  return {
    resources: resources.map((resource) => ({
      ...resource,
      environments: unionOf(resource.environments.map(withoutDisposable)),
    })),
    environments: unionOf(environments.map(withoutDisposable)),
    line,
    atMs,
  };
}

/** For a provider without a resolver: account-wide operations are account-wide, everything else is unknown. */
export function resolveWithout(operations: readonly Operation[], atMs: number): Resolution {
  return resolveWith([], operations, [], atMs);
}

/** Short enough for a line that is read in a second: the provider, and enough of its own id to compare. */
function verifiedBy({ environment }: Place): string {
  return `${environment.provider} ${environment.kind} ${environment.id.slice(0, 8)}`;
}
