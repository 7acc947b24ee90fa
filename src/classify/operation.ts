// Makes one Operation, and folds many into a Reading. The only place where effects of parts are joined: the worst wins.
// It judges nothing itself; the readers beside it do, and hand their findings here.

import type { Operation, Reading } from '../action/action.ts';
import { type Aspect, type Evidence, isIrreversible, worseEffect, worseRecovery } from '../action/effect.ts';
import type { Reason } from '../platform/reason.ts';
import { saysDanger } from './lexicon.ts';

/** What a reader must say; the rest has a default that fits the effect. */
export type Found = Pick<Operation, 'name' | 'effect' | 'basis'> & Partial<Operation> & { readonly because: string };

/** A part of the bytes that no reader can read in exactly one way. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: Reason;
}

const nameCharsMax = 200;

/** Completes a finding. Recovery of what destroys is unknown unless a rule says better: it is shown as IRREVERSIBLE. */
export function operationFrom(found: Found, source: string): Operation {
  const defaults = { read: 'undo', write: 'recreate', destructive: 'unknown' } as const;
  return {
    name: printable(found.name),
    effect: found.effect,
    basis: found.basis,
    recovery: found.recovery ?? defaults[found.effect],
    aspects: found.aspects ?? [],
    scope: found.scope ?? 'other',
    targets: found.targets ?? [],
    account: found.account ?? false,
    bypass: found.bypass ?? [],
    evidence: found.evidence ?? [{ source, says: found.because }],
    masks: found.masks ?? [],
  };
}

/** Operation names come from the agent's bytes: one line, bounded, no control characters. */
function printable(name: string): string {
  const line = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > nameCharsMax ? `${line.slice(0, nameCharsMax)}…` : line;
}

const effectRank = { destructive: 0, write: 1, read: 2 } as const;

/** Joins operations into a reading, worst first. An empty list is opaque: destructive, assumed. */
export function readingFrom(operations: readonly Operation[], provider: string | null): Reading {
  const sorted = [...operations].sort((a, b) => effectRank[a.effect] - effectRank[b.effect]);
  const all = sorted.length === 0 ? [opaque('an action without any operation', 'classify')] : sorted;
  const effect = all.map((each) => each.effect).reduce(worseEffect);
  const worst = all.filter((each) => each.effect === effect);
  const aspects = [...new Set(all.flatMap((each) => each.aspects))];
  const basis = worst.some((each) => each.basis === 'proven') ? 'proven' : 'assumed';
  // A read is proven only if every part is: one assumed part may hide a write.
  const provenAll = effect === 'read' ? all.every((each) => each.basis === 'proven') : basis === 'proven';
  return {
    effect,
    basis: provenAll ? 'proven' : 'assumed',
    recovery: worst.map((each) => each.recovery).reduce(worseRecovery),
    aspects,
    operation: [...new Set(all.map((each) => each.name))].slice(0, 20).join(' + '),
    provider,
    operations: all,
    plain: effect === 'read' && provenAll && aspects.length === 0 && !all.some((each) => saysDanger(each.name)),
    unreadable: null,
    evidence: all.flatMap((each) => each.evidence).slice(0, 40),
  };
}

/** Bytes that have two readings or none: destructive, assumed, and the verdict is deny. */
export function unreadableReading(reason: Reason, name: string, provider: string | null): Reading {
  const evidence: readonly Evidence[] = [{ source: 'classify', says: reason.why }];
  const operation = operationFrom(
    { name, effect: 'destructive', basis: 'assumed', because: reason.why, evidence },
    'classify',
  );
  return { ...readingFrom([operation], provider), unreadable: reason };
}

/** What cannot be looked into, but has one way to be sent: destructive, assumed; held, not denied. */
export function opaque(name: string, source: string, because = 'What it would do cannot be seen here.'): Operation {
  return operationFrom({ name, effect: 'destructive', basis: 'assumed', because }, source);
}

/** Adds aspects and evidence to an operation and raises its effect; never lowers it (invariant 5). */
export function raise(
  operation: Operation,
  by: Pick<Found, 'effect' | 'basis' | 'because'> & {
    readonly aspects?: readonly Aspect[];
    readonly bypass?: readonly string[];
  },
  source: string,
): Operation {
  const effect = worseEffect(operation.effect, by.effect);
  const raised = effect !== operation.effect;
  return {
    ...operation,
    effect,
    basis: raised ? by.basis : operation.basis,
    recovery:
      raised && effect === 'destructive' && !isIrreversible(operation.recovery) ? 'unknown' : operation.recovery,
    aspects: [...new Set([...operation.aspects, ...(by.aspects ?? [])])],
    bypass: [...new Set([...operation.bypass, ...(by.bypass ?? [])])],
    evidence: [...operation.evidence, { source, says: by.because }],
  };
}
