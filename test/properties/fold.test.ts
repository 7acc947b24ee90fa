// Invariants 1, 2, 5 and 6 of the design over random histories of one case: valid, forged, late, early and repeated
// events in any order. The ledger asserts after every event; here it is also asserted that histories got everywhere.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Counts } from './counts.ts';
import { drawOf, moveCount, next } from './moves.ts';
import { historyCount, newWorld } from './world.ts';

const history = fc.array(fc.nat({ max: 2 ** 24 - 1 }), { minLength: 4, maxLength: 36, size: 'max' });

/** Of 20,000 histories so many must have met this: half of what 10,000 do. */
const exercised: Readonly<Record<string, number>> = {
  held: 6000,
  approved: 5500,
  delayed: 1100,
  released: 4000,
  'released with 0 people, checked': 1800,
  'released with 1 people, checked': 1100,
  'released with 2 people, checked': 550,
  'released with 0 people, unchecked': 250,
  'released with 1 people, unchecked': 60,
  'released with 2 people, unchecked': 30,
  executed: 4000,
  collected: 3000,
  settled: 180,
  denied: 280,
  cancelled: 190,
  lapsed: 60,
  reheld: 1400,
  'asked-again': 60,
  'ignored reheld': 6000,
  'ignored approved': 4500,
  'ignored proven': 9000,
  'ignored delayed': 2200,
  'ignored released': 9000,
  'ignored executed': 10000,
  'ignored denied': 1200,
  'ignored settled': 1700,
  'ignored lapsed': 2000,
  'ignored asked-again': 1500,
  'checked: may': 3200,
  'checked: rehold': 4000,
  'checked: lapsed': 230,
  decided: 1400,
  resolved: 500,
  'allowed, read': 100,
  'allowed, write': 100,
  'destruction allowed in a disposable place': 20,
  'bad approval 0': 450,
  'bad approval 1': 450,
  'bad approval 2': 450,
  'bad approval 3': 450,
  'bad approval 4': 450,
  'bad approval 5': 450,
  'bad approval 6': 450,
  'bad approval 7': 450,
  'bad proof 0': 800,
  'bad proof 1': 800,
  'bad proof 2': 800,
  'bad proof 3': 800,
  'bad proof 4': 800,
  'bad proof 5': 800,
};

it(`holds the invariants of the fold in ${historyCount} random histories`, () => {
  expect(moveCount, 'each move must be reachable by one byte').toBeLessThanOrEqual(256);
  const counts: Counts = new Map();
  fc.assert(
    fc.property(history, (numbers) => {
      const world = newWorld(counts);
      for (const number of numbers) next(world, drawOf(number));
    }),
    { numRuns: historyCount },
  );
  const seen = Object.fromEntries([...counts].sort());
  for (const [what, least] of Object.entries(exercised))
    expect(counts.get(what) ?? 0, `${what} in ${JSON.stringify(seen)}`).toBeGreaterThanOrEqual(
      Math.floor((least * historyCount) / 20_000),
    );
});
