// Material facts: the part of a hold's evidence that a human's yes is bound to. Sizes and counts are bound by rounded
// upper bounds, so that a few new rows do not ask again but ten times as many do. Compared again just before release.

import { type Environment, type Reading, type Resolution, resourceName } from '../action/action.ts';
import { canonicalJson } from '../action/canonical.ts';
import type { Recovery } from '../action/effect.ts';
import type { MaterialFacts } from './hold.ts';

/**
 * Smallest of 1, 2, 5 x 10^k that is at least `value`; 0 stays 0. Null (not known) stays null, and so does what is no
 * count: PostgreSQL says -1 rows for a table that was never analysed, which must not be shown as nothing to lose.
 */
export function boundOf(value: number | null): number | null {
  if (value === null || !Number.isFinite(value) || value < 0) return null;
  if (value === 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (step * power >= value) return step * power;
  return 10 * power;
}

/** How an environment is written in digests and pages; unknown ones are told apart from verified ones by form. */
export function environmentName(environment: Environment): string {
  if (environment.kind === 'verified') return environment.name;
  return environment.kind === 'account' ? '(account)' : '(unknown)';
}

/** By id where it is not one of ours: a second unknown environment is another one, although both are only `(unknown)`. */
function environmentReached(environment: Environment): string {
  const name = environmentName(environment);
  return environment.kind === 'unknown' ? `${name} ${environment.because}` : name;
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null || value < 0) return null;
    sum += value;
  }
  return values.length === 0 ? null : sum;
}

export function materialFacts(reading: Reading, resolution: Resolution): MaterialFacts {
  const blasts = resolution.resources.map((resource) => resource.blast);
  return {
    operation: reading.operation,
    resources: resolution.resources.map((resource) => resourceName(resource.ref)).sort(),
    environments: [...new Set(resolution.environments.map(environmentReached))].sort(),
    recovery: reading.recovery,
    bypass: reading.operations.flatMap((operation) => operation.bypass).sort(),
    bytesMax: boundOf(sumOrNull(blasts.map((blast) => blast?.bytes ?? null))),
    rowsMax: boundOf(sumOrNull(blasts.map((blast) => blast?.rows ?? null))),
    backupsMax: boundOf(sumOrNull(blasts.map((blast) => blast?.backupsInside ?? null))),
  };
}

const recoveries: readonly string[] = ['undo', 'window', 'recreate', 'none', 'unknown'] satisfies readonly Recovery[];

/** A word that is not a recovery counts as worse than any. */
function isWorse(fresh: string, approved: string): boolean {
  if (fresh === approved) return false;
  const [now, then] = [recoveries.indexOf(fresh), recoveries.indexOf(approved)];
  return now < 0 || then < 0 || now > then;
}

/**
 * What is new, gone, worse or over its bound in `fresh` against what was approved; empty: nothing material changed.
 * Smaller sizes are not a change: the human agreed to lose more.
 */
export function materialChanges(approved: MaterialFacts, fresh: MaterialFacts): readonly string[] {
  const changes: string[] = [];
  if (approved.operation !== fresh.operation)
    changes.push(`operation was ${approved.operation}, is ${fresh.operation}`);
  if (isWorse(fresh.recovery, approved.recovery))
    changes.push(`recovery was ${approved.recovery}, is ${fresh.recovery}`);
  for (const key of ['resources', 'environments', 'bypass'] as const) {
    const was = approved[key].join(', ') || 'none';
    const is = fresh[key].join(', ') || 'none';
    // Compared as lists: joined text would take ['a, b'] for ['a', 'b'].
    if (canonicalJson(approved[key]) !== canonicalJson(fresh[key])) changes.push(`${key} were ${was}, are ${is}`);
  }
  for (const [key, noun] of [
    ['bytesMax', 'bytes'],
    ['rowsMax', 'rows'],
    ['backupsMax', 'backups'],
  ] as const) {
    const bound = approved[key];
    const now = fresh[key];
    if (bound !== null && now === null) changes.push(`${noun} at stake were bounded by ${bound}, are not known now`);
    if (bound !== null && now !== null && now > bound)
      changes.push(`${noun} at stake may be ${now}, the approved bound is ${bound}`);
    // Not known was shown as "not known" and approved as such; a number now is more knowledge, not more loss.
  }
  return changes;
}
