// The verdict table applied: each operation against each environment that it reaches, strictest answer first.
// What the table does not hold is here as well: aspects, disposable environments, places known without a call.
// Hosts, credentials and the grant's own standing are decide.ts.

import type { Environment, Operation, Reading, Resolution, ResourceRef, VerdictKind } from '../action/action.ts';
import { resourceName } from '../action/action.ts';
import type { Aspect } from '../action/effect.ts';
import { covers, neededScope } from '../authorize/authorize.ts';
import type { Grant, Policy } from '../authorize/grant.ts';
import { type CellCode, type Column, cellFor, type DestructiveGrant, type Where } from './verdict-table.ts';

/** One answer of one rule, before it is put into words. */
export interface Finding {
  readonly verdict: VerdictKind;
  readonly code: CellCode | 'disposable' | `aspect-${Aspect}`;
  readonly operation: Operation;
  readonly environment: Environment;
}

export const unresolved: Environment = {
  kind: 'unknown',
  because: 'nothing has looked up where this lies',
};
const account: Environment = { kind: 'account' };

/** True if the page masks what this operation would reveal, so that the answer carries no secret. */
function masked(operation: Operation): boolean {
  return operation.masks.length > 0;
}

/** Aspects that still count: a masked answer exposes nothing. */
export function liveAspects(operation: Operation): readonly Aspect[] {
  return operation.aspects.filter((aspect) => aspect !== 'exposes-secrets' || !masked(operation));
}

/**
 * Which column an operation stands in. A read is plain only if proven, without aspects, and if the reading as a whole
 * says so; `plain` also covers danger words, which a single operation does not know about.
 */
export function columnOf(operation: Operation, reading: Reading): Column {
  if (operation.effect !== 'read') return operation.effect;
  if (operation.basis !== 'proven' || liveAspects(operation).some((aspect) => aspect !== 'exposes-secrets')) {
    return 'write';
  }
  const doubted = reading.effect === 'read' && reading.aspects.length === 0 && !reading.plain;
  return doubted ? 'write' : 'read';
}

/** The environments that one operation reaches: its own targets', and every place that no operation's target explains. */
export function environmentsOf(
  operation: Operation,
  reading: Reading,
  resolution: Resolution | null,
): readonly Environment[] {
  if (resolution === null) return [operation.account ? account : unresolved];
  const named = new Set(reading.operations.flatMap((each) => each.targets).map(resourceName));
  const targets = new Set(operation.targets.map(resourceName));
  const own = resolution.resources.filter((resource) => targets.has(resourceName(resource.ref)));
  const found = own.flatMap((resource) => resource.environments);
  if (operation.account) return [account, ...found];
  if (own.length === 0 || own.length < targets.size) return atLeastUnknown(resolution.environments);
  // A resolver may find more than was named (a staged patch reaches volumes): that belongs to every operation.
  const indirect = resolution.resources.filter((resource) => !named.has(resourceName(resource.ref)));
  const placed = resolution.resources.flatMap((resource) => resource.environments);
  // An account-wide operation beside this one answers for itself; without one, `account` belongs to everybody.
  const answered = reading.operations.some((each) => each.account);
  const unplaced = resolution.environments.filter(
    (one) => !placed.some((other) => sameEnvironment(one, other)) && !(answered && one.kind === 'account'),
  );
  const reached = [...found, ...indirect.flatMap((resource) => resource.environments), ...unplaced];
  return own.some((resource) => resource.environments.length === 0)
    ? [...reached, unresolved]
    : atLeastUnknown(reached);
}

function atLeastUnknown(environments: readonly Environment[]): readonly Environment[] {
  return environments.length === 0 ? [unresolved] : environments;
}

export function sameEnvironment(a: Environment, b: Environment): boolean {
  if (a.kind === 'verified' && b.kind === 'verified') {
    return a.name === b.name && a.protected === b.protected && a.disposable === b.disposable;
  }
  return a.kind === b.kind;
}

export function isGranted(name: string, grant: Grant): boolean {
  return grant.environments === 'all' || grant.environments.includes(name);
}

export function whereOf(environment: Environment, grant: Grant): Where {
  if (environment.kind === 'account') return 'account';
  return environment.kind === 'verified' && isGranted(environment.name, grant) ? 'granted' : 'elsewhere';
}

/** The policy's environment that the request itself names by id, outside the grant; null: not known without a call. */
export function knownElsewhere(targets: readonly ResourceRef[], grant: Grant, policy: Policy): string | null {
  const named = new Set(targets.map(resourceName));
  const outside = policy.environments.find(
    (environment) => !isGranted(environment.name, grant) && environment.is.some((ref) => named.has(resourceName(ref))),
  );
  return outside?.name ?? null;
}

/** Destruction without a human: proven, and every place verified as disposable, granted, and nowhere else. */
function isDisposable(
  operation: Operation,
  resolution: Resolution | null,
  environments: readonly Environment[],
  grant: Grant,
): boolean {
  const located = new Set(resolution?.resources.map((resource) => resourceName(resource.ref)));
  return (
    operation.basis === 'proven' &&
    operation.targets.length > 0 &&
    operation.targets.every((target) => located.has(resourceName(target))) &&
    environments.every(
      (each) => each.kind === 'verified' && each.disposable && !each.protected && isGranted(each.name, grant),
    )
  );
}

const holdsEverywhere: readonly Aspect[] = ['mints-access', 'removes-protection', 'exposes-secrets'];
const holdsElsewhere: readonly Aspect[] = ['runs-code', 'spends-money'];

function aspectFindings(operation: Operation, environment: Environment, grant: Grant): readonly Finding[] {
  const elsewhere = whereOf(environment, grant) !== 'granted';
  return liveAspects(operation)
    .filter((aspect) => holdsEverywhere.includes(aspect) || (elsewhere && holdsElsewhere.includes(aspect)))
    .map((aspect) => ({ verdict: 'hold', code: `aspect-${aspect}`, operation, environment }));
}

/** Every finding for one operation. The caller takes the strictest; none is ever dropped because another allows. */
export function findingsFor(
  operation: Operation,
  reading: Reading,
  resolution: Resolution | null,
  grant: Grant,
  policy: Policy,
): readonly Finding[] {
  const scope = covers(grant.scopes, neededScope(operation)) ? 'granted' : 'missing';
  const column = columnOf(operation, reading);
  const environments = environmentsOf(operation, reading, resolution);
  // Also for a read that is not proven: it must not fare better than the same read with better evidence (invariant 5).
  const known = operation.effect === 'read' && knownElsewhere(operation.targets, grant, policy) !== null;
  const destructive: DestructiveGrant = grant.destructive;
  const free = column === 'destructive' && isDisposable(operation, resolution, environments, grant);
  return environments.flatMap((environment) => {
    const cell = cellFor(scope, whereOf(environment, grant), column, destructive);
    const said = (known ? cellFor(scope, 'elsewhere', 'read', destructive).known : null) ?? cell;
    const finding: Finding =
      free && said.code === 'destructive-needs-human'
        ? { verdict: 'allow', code: 'disposable', operation, environment }
        : { verdict: said.verdict, code: said.code, operation, environment };
    return [finding, ...(scope === 'missing' ? [] : aspectFindings(operation, environment, grant))];
  });
}
