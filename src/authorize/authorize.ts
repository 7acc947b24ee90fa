// authorize: what a reading needs, held against what a grant covers. Scopes and expiry only; where the thing lies and
// what becomes of a destructive action is the verdict table's question (decide/verdict-table.ts). Pure.
// An operation without a rule needs the scope `other`, so that silence in a provider's page never grants anything.

import type { Operation, Reading } from '../action/action.ts';
import { type Reason, reason } from '../platform/reason.ts';
import type { Grant, Scope } from './grant.ts';

export type Authorization =
  | { readonly kind: 'within' }
  | { readonly kind: 'beyond'; readonly missing: readonly Scope[]; readonly reasons: readonly Reason[] };

/** `volumes:write`, as policies write it. */
export function scopeName(scope: Scope): string {
  return `${scope.kind}:${scope.access}`;
}

/** True if one of the scopes covers what is needed. Write includes read; `*` includes every kind, also `other`. */
export function covers(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.some(
    (scope) =>
      (scope.kind === '*' || scope.kind === needed.kind) &&
      (scope.access === 'write' || scope.access === needed.access),
  );
}

/** What one operation needs. Only a proven read that merely reads gets by with `read`: an assumed read may be anything. */
export function neededScope(operation: Operation): Scope {
  const merelyReads =
    operation.effect === 'read' &&
    operation.basis === 'proven' &&
    operation.aspects.every((aspect) => aspect === 'exposes-secrets');
  return { kind: operation.scope === '' ? 'other' : operation.scope, access: merelyReads ? 'read' : 'write' };
}

/**
 * The operations of a reading, plus one that stands for whatever the reading says beyond them. A reader that raised the
 * whole (an aspect found in the body, a worse effect) must not lose that because no single operation carries it.
 */
export function operationsOf(reading: Reading): readonly Operation[] {
  const rest = remainder(reading);
  return rest === null ? reading.operations : [...reading.operations, rest];
}

function remainder(reading: Reading): Operation | null {
  const { operations } = reading;
  const aspects = reading.aspects.filter((aspect) => !operations.some((each) => each.aspects.includes(aspect)));
  const named = operations.some((each) => each.effect === reading.effect && each.basis === reading.basis);
  const weaker = reading.basis === 'assumed' && !operations.some((each) => each.basis === 'assumed');
  if (operations.length > 0 && aspects.length === 0 && named && !weaker) return null;
  return {
    name: reading.operation,
    effect: reading.effect,
    basis: reading.basis,
    recovery: reading.recovery,
    aspects,
    scope: operations[0]?.scope ?? 'other',
    targets: operations.flatMap((each) => each.targets),
    account: operations.length > 0 && operations.every((each) => each.account),
    bypass: [],
    evidence: reading.evidence,
    masks: [],
  };
}

/** Effect x grant. `beyond` lists every scope that is missing, each once. */
export function authorize(reading: Reading, grant: Grant): Authorization {
  const missing: Scope[] = [];
  for (const operation of operationsOf(reading)) {
    const needed = neededScope(operation);
    const known = missing.some((each) => scopeName(each) === scopeName(needed));
    if (!known && !covers(grant.scopes, needed)) missing.push(needed);
  }
  if (missing.length === 0) return { kind: 'within' };
  return { kind: 'beyond', missing, reasons: missing.map((scope) => scopeMissing(scope, grant)) };
}

function scopeMissing(scope: Scope, grant: Grant): Reason {
  const covered = grant.scopes.length === 0 ? 'nothing' : grant.scopes.map(scopeName).join(', ');
  const what =
    scope.kind === 'other'
      ? 'This action is one that no rule names, and the grant does not cover such actions.'
      : `This action needs the scope ${scopeName(scope)}, which the grant does not cover.`;
  return reason(
    'scope-missing',
    what,
    `Scope ${scopeName(scope)} is missing: this agent's grant covers ${covered}.`,
    'Do not look for another route. Ask your human whether this task needs that scope; only they can widen a grant.',
  );
}

const dayMs = 86_400_000;
const isoDate = /^\d{4}-\d{2}-\d{2}$/;

/** Milliseconds since the epoch at which the grant ends; null: no end. A date that cannot be read has already passed. */
export function grantEndMs(grant: Grant): number | null {
  if (grant.expires === null) return null;
  const startMs = isoDate.test(grant.expires) ? Date.parse(`${grant.expires}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(startMs) ? 0 : startMs + dayMs;
}

/** True from the end of the day `expires` (UTC) on. */
export function isExpired(grant: Grant, nowMs: number): boolean {
  const endMs = grantEndMs(grant);
  return endMs !== null && nowMs >= endMs;
}
