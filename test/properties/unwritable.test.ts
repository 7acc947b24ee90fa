// Invariant 4: with a journal that cannot be written, nothing passes but plain reads; with one that can, what the rules
// allow passes. The real pipeline over a store that refuses; stages and upstream are stand-ins that record being called.

import { describe, expect, it } from 'vitest';
import type { Reading, Resolution, VerdictKind } from '../../src/action/action.ts';
import type { Effect } from '../../src/action/effect.ts';
import { createPipeline, type PipelineDeps } from '../../src/gateway/pipeline.ts';
import { type Fate, memoryDisk, memoryStorage } from '../../src/testing/memory-storage.ts';
import { volumeDeleteRequest } from '../../src/testing/release-case.ts';
import { environment, sampleHold } from '../../src/testing/sample-hold.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { simulatedClock } from '../../src/testing/simulated-clock.ts';

const preview = { ...environment('preview', 'open'), disposable: true } as const;
const resolution: Resolution = { ...sampleHold().resolution, environments: [preview] };
const answer = { kind: 'own', status: 200, headers: [], body: 'sent' } as const;

/** Members that this path never asks for are left out: a call to one would throw and fail the test. */
async function submit(fate: Fate, reading: Reading, verdict: VerdictKind) {
  const storage = memoryStorage(memoryDisk(), () => fate);
  await storage.commit({ events: [] }).catch(() => undefined);
  const reached: string[] = [];
  const deps = {
    clock: simulatedClock(),
    random: seededRandom(1),
    storage,
    system: { state: { policy: {}, policyDigest: '' }, grantOf: () => null, agentState: () => 'active' },
    sessions: { postureOf: () => 'advised' },
    reader: { read: () => reading, providerOf: () => null },
    broker: { inspect: () => ({ kind: 'absent' }) },
    hostClass: () => 'governed',
    resolve: async () => resolution,
    rules: { decide: () => ({ kind: verdict, reasons: [] }), needsResolution: () => true },
    holds: {
      abandon: () => undefined,
      continuation: async () => ({ kind: 'open', hold: sampleHold() }),
      open: async () => {
        reached.push('held');
        return answer;
      },
    },
    execute: async () => {
      reached.push('sent');
      return answer;
    },
    taskOf: () => null,
    fault: () => undefined,
  } as unknown as PipelineDeps;
  const session = { agent: 'cursor', id: 'ses_1', ended: new AbortController().signal };
  const given = await createPipeline(deps)(session, volumeDeleteRequest, null, new AbortController().signal);
  return { reached, status: given.status };
}

const effects: readonly (readonly [Effect, 'plain' | 'not plain'])[] = [
  ['read', 'plain'],
  ['read', 'not plain'],
  ['write', 'not plain'],
  ['destructive', 'not plain'],
];
const cases = effects.flatMap(([effect, plain]) =>
  (['allow', 'hold', 'deny'] as const).map((verdict) => [verdict, effect, plain] as const),
);
const readingOf = (effect: Effect, plain: string): Reading => ({
  ...sampleHold().reading,
  effect,
  plain: plain === 'plain',
});

describe('the pipeline', () => {
  it.each(cases)('journal unwritable, %s of a %s (%s)', async (verdict, effect, plain) => {
    const { reached, status } = await submit('refused', readingOf(effect, plain), verdict);
    const passes = verdict === 'allow' && plain === 'plain';
    expect(reached).toEqual(passes ? ['sent'] : []);
    if (!passes) expect(status).toBe(403);
  });

  it.each(cases)('journal writable, %s of a %s (%s)', async (verdict, effect, plain) => {
    const { reached } = await submit('written', readingOf(effect, plain), verdict);
    expect(reached).toEqual({ allow: ['sent'], hold: ['held'], deny: [] }[verdict]);
  });
});
