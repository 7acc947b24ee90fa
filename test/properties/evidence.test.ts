// Invariant 9: a question to a provider is one of the closed list, byte for byte, and all that varies in it is an id or
// a cursor of the provider's own. Random operations, ids, names, patches and answers go into the real resolver; a
// recording stand-in takes its calls and answers from the fake's tables, or with what a hostile project could hold.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Operation, ResourceRef } from '../../src/action/action.ts';
import { loadReader, type Reader } from '../../src/classify/reader.ts';
import { pages } from '../../src/providers/pages.ts';
import {
  type EvidenceAnswer,
  type EvidenceCall,
  type EvidenceQuery,
  evidenceQueries,
} from '../../src/providers/railway/evidence.ts';
import { railwayResolver } from '../../src/providers/railway/resolver.ts';
import { type Bench, bench, operation } from '../../src/testing/railway-bench.ts';
import { type Counts, count } from './counts.ts';

/** Written again here: the shapes in evidence.ts are what is tested. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const cursor = /^[A-Za-z0-9_+/=:.-]{1,512}$/;
const documents = new Map(Object.values<EvidenceQuery>(evidenceQueries).map((each) => [each.document, each]));

const at = bench(9);
const world = at.first.world;
const realIds: Readonly<Record<string, readonly string[]>> = {
  volume: world.volumes.map((each) => each.id),
  volumeInstance: world.volumeInstances.map((each) => each.id),
  environment: world.environments.map((each) => each.id),
  project: world.projects.map((each) => each.id),
  service: world.services.map((each) => each.id),
};
const everyId = Object.values(realIds).flat();
const kinds = [...Object.keys(realIds), 'deployment', 'domain', 'custom-domain', 'backup', 'volume_instance', 'bucket'];

const marks = [
  '") { id } volumeDelete(volumeId: "',
  '"\\u0022} #',
  "' OR 1=1 --",
  '\n',
  '\r\nx-injected: 1',
  '\u0000',
  '\u202e',
  '$id',
  'https://collector.example/?q=',
  '../../graphql/internal',
  '?query=mutation{x}',
  ' ',
  '{"$ref":1}',
] as const;
const hostileText = fc
  .tuple(fc.constantFrom(...marks), fc.constantFrom('', ...everyId.slice(0, 4)), fc.string({ maxLength: 12 }))
  .chain((parts) => fc.shuffledSubarray(parts, { minLength: 3, maxLength: 3 }))
  .map((parts) => parts.join(''));
const kindAndId = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...kinds), fc.constantFrom(...everyId)) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(...kinds),
      fc.constantFrom(...everyId).map((id) => id.toUpperCase()),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...kinds), fc.uuid()) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...kinds), hostileText) },
  { weight: 1, arbitrary: fc.tuple(hostileText, fc.constantFrom(...everyId)) },
);
/** A target of the kind that its id is of, so that walks go deep. */
const fitting = fc
  .constantFrom(...Object.keys(realIds))
  .chain((kind) => fc.tuple(fc.constant(kind), fc.constantFrom(...(realIds[kind] ?? []))));
const target: fc.Arbitrary<ResourceRef> = fc
  .tuple(fc.oneof(fitting, kindAndId), fc.constantFrom('railway', 'railway', 'railway', 'vercel'))
  .map(([[kind, id], provider]) => ({ provider, kind, id }));
const mixedOperation: fc.Arbitrary<Operation> = fc
  .record({
    name: fc.oneof(
      fc.constantFrom('volumeDelete', 'environmentPatchCommitStaged', 'environmentPatchCommit', 'serviceDelete'),
      fc.constantFrom('variables', 'volumeInstanceUpdate', 'projectScheduleDelete'),
      hostileText,
    ),
    effect: fc.constantFrom('read', 'write', 'destructive'),
    targets: fc.array(target, { minLength: 1, maxLength: 4 }),
    scope: hostileText,
  })
  .map((change) => ({ ...operation(change.name, [], change.effect), targets: change.targets, scope: change.scope }));

/** The one operation whose content is fetched, and then names targets of its own. */
const commitOfStaged = fc
  .constantFrom(...(realIds.environment ?? []))
  .map((id) => operation('environmentPatchCommitStaged', [['environment', id]]));
const anyOperation = fc.oneof({ weight: 4, arbitrary: mixedOperation }, { weight: 1, arbitrary: commitOfStaged });

/** What a project may hold that an agent, or anybody else, has named: none of it may come back inside a question. */
interface Mischief {
  readonly kind: 'none' | 'names' | 'ids' | 'cursors' | 'patch';
  readonly text: string;
}
const mischief: fc.Arbitrary<Mischief> = fc.record({
  kind: fc.constantFrom('none', 'none', 'names', 'ids', 'cursors', 'patch'),
  text: hostileText,
});

function twisted(value: unknown, { kind, text }: Mischief): unknown {
  if (Array.isArray(value)) return value.map((each) => twisted(each, { kind, text }));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (kind === 'names' && /^(name|mountPath|domain|serviceName)$/.test(key)) return [key, text];
      if (kind === 'ids' && /^(id|projectId|environmentId)$/.test(key)) return [key, text];
      if (kind === 'cursors' && key === 'pageInfo') return [key, { hasNextPage: true, endCursor: text }];
      if (kind === 'patch' && key === 'patch') return [key, { volumes: { [text]: { isDeleted: true } } }];
      return [key, twisted(inner, { kind, text })];
    }),
  );
}

function cursorsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'endCursor' && typeof inner === 'string' ? [inner] : cursorsIn(inner),
  );
}

/** Judges each question before it is answered; `given` are the cursors that the provider itself has handed out. */
function recorder(on: Bench, bad: Mischief, given: Set<string>, counts: Counts): EvidenceCall {
  return async (query, variables, signal) => {
    const known = documents.get(query.document);
    expect(known, query.document).toBe(query);
    expect(Object.keys(variables).every((name) => name in query.variables)).toBe(true);
    for (const [name, type] of Object.entries(query.variables)) {
      const value = variables[name] ?? null;
      if (type === 'uuid') expect(value, name).toMatch(uuid);
      else if (value !== null) {
        expect(value, name).toMatch(cursor);
        expect(given.has(value), 'a cursor comes from the provider').toBe(true);
        count(counts, 'cursor');
      }
    }
    count(counts, 'asked');
    count(counts, query.id);
    const answer: EvidenceAnswer = await on.call(query, variables, signal);
    if (answer.kind !== 'answered') return answer;
    const body = twisted(answer.body, bad);
    if (JSON.stringify(body) !== JSON.stringify(answer.body)) count(counts, `twisted ${bad.kind}`);
    for (const each of cursorsIn(body)) given.add(each);
    return { ...answer, body };
  };
}

describe('a question to Railway', () => {
  it('is one of the list, with ids and cursors in it and nothing else', async () => {
    const counts: Counts = new Map();
    at.pageMax = 1;
    const run = fc.asyncProperty(
      fc.array(anyOperation, { minLength: 1, maxLength: 3 }),
      mischief,
      fc.boolean(),
      async (operations, bad, fresh) => {
        const call = recorder(at, bad, new Set(), counts);
        const broken: unknown[] = [];
        const resolver = railwayResolver({
          // The resolver takes a rejected call for an unreachable provider, so what the recorder found is kept here.
          call: (...asked) =>
            call(...asked).catch((error: unknown) => {
              broken.push(error);
              throw error;
            }),
          clock: { wallMs: () => at.nowMs },
          cacheMs: 30_000,
        });
        const located = await resolver.locate(operations, { fresh, signal: new AbortController().signal });
        expect(broken).toEqual([]);
        const ours = operations.flatMap((each) => each.targets).filter((each) => each.provider === 'railway');
        for (const ref of ours) {
          if (uuid.test(ref.id.toLowerCase())) continue;
          count(counts, 'odd id');
          expect(located.find((each) => each.ref === ref)?.incomplete ?? null, ref.id).not.toBeNull();
        }
        if (ours.length > 0 && located.every((each) => each.incomplete === null)) count(counts, 'complete');
      },
    );
    await fc.assert(run, { numRuns: 450, seed: 9 });
    const documentsMet = Object.values(evidenceQueries).filter(({ id }) => counts.has(id));
    expect(documentsMet.length).toBeGreaterThanOrEqual(Object.keys(evidenceQueries).length - 2);
    expect(counts.get('asked')).toBeGreaterThan(1_500);
    for (const what of ['cursor', 'odd id', 'complete', 'twisted names', 'twisted ids', 'twisted cursors'])
      expect(counts.get(what) ?? 0, what).toBeGreaterThan(30);
    expect(counts.get('twisted patch') ?? 0).toBeGreaterThan(10);
  });
});

describe('the list, read as an agent’s request would be', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await loadReader(pages);
  });

  it.each(Object.entries<EvidenceQuery>(evidenceQueries))('%s is a proven read', (_name, query) => {
    const variables = Object.fromEntries(
      Object.entries(query.variables).map(([name, type]) => [name, type === 'uuid' ? everyId[0] : null]),
    );
    const reading = reader.read({
      kind: 'http',
      request: {
        method: 'POST',
        scheme: 'https',
        host: 'backboard.railway.com',
        port: 443,
        path: '/graphql/v2',
        headers: [['content-type', 'application/json']],
        body: Buffer.from(JSON.stringify({ query: query.document, variables })),
      },
    });
    expect(reading).toMatchObject({ effect: 'read', basis: 'proven' });
    expect(reading.operations.every((each) => each.effect === 'read')).toBe(true);
    expect(reading.operations.length).toBeGreaterThan(0);
  });
});
