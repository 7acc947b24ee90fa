// A bench for Railway's resolver: the fake without its sockets, one mutable world, a clock, and what was asked of it.
// For tests only. Evidence calls run through the reference GraphQL library against the fake's own schema, and an
// evidence call that changed anything would fail the test.

import { expect } from 'vitest';
import type { Operation, ResourceRef } from '../action/action.ts';
import type { Call } from '../lab/fake-railway/call.ts';
import { type FirstWorld, firstWorld } from '../lab/fake-railway/first-world.ts';
import { graphqlEndpoint } from '../lab/fake-railway/graphql-endpoint.ts';
import { railwaySchema } from '../lab/fake-railway/schema.ts';
import type { TokenReach, World } from '../lab/fake-railway/world.ts';
import type { EvidenceAnswer, EvidenceCall } from '../providers/railway/evidence.ts';
import { railwayResolver } from '../providers/railway/resolver.ts';

const endpoint = graphqlEndpoint(railwaySchema());
export const startMs = Date.UTC(2026, 3, 24, 14, 0);

/** The fake without its sockets: one mutable world, a clock, and what was asked. */
export interface Bench {
  readonly first: FirstWorld;
  world: World;
  nowMs: number;
  reach: TokenReach;
  pageMax: number;
  readonly asked: string[];
  /** Replaces the answer to a query; null: the fake answers. */
  broken: (id: string) => EvidenceAnswer | Promise<EvidenceAnswer> | null;
  readonly call: EvidenceCall;
}

export function bench(seed: number): Bench {
  const first = firstWorld(seed);
  const made: Bench = {
    first,
    world: first.world,
    nowMs: startMs,
    reach: { kind: 'account' },
    pageMax: 500,
    asked: [],
    broken: () => null,
    call: async (query, variables) => {
      made.asked.push(query.id);
      const broken = await made.broken(query.id);
      if (broken !== null) return broken;
      const call: Call = {
        world: () => made.world,
        change: () => expect.unreachable('an evidence call changed something'),
        caller: made.reach,
        atMs: made.nowMs,
        pageMax: made.pageMax,
        newId: () => '',
      };
      const body = JSON.stringify({ query: query.document, variables });
      const answer = await endpoint.post(call, Buffer.from(body), '');
      return { kind: 'answered', status: answer.status, body: JSON.parse(JSON.stringify(answer.body)) as unknown };
    },
  };
  return made;
}

export function resolverOf(on: Bench) {
  return railwayResolver({ call: on.call, clock: { wallMs: () => on.nowMs }, cacheMs: 30_000 });
}

export function operation(
  name: string,
  targets: readonly (readonly [kind: string, id: string])[],
  effect: Operation['effect'] = 'destructive',
): Operation {
  return {
    name,
    effect,
    basis: 'proven',
    recovery: 'unknown',
    aspects: [],
    scope: 'volumes',
    targets: targets.map(([kind, id]) => ({ provider: 'railway', kind, id })),
    account: false,
    bypass: [],
    evidence: [],
    masks: [],
  };
}

export const now = { fresh: true, signal: new AbortController().signal };
export const volumeDelete = (on: Bench, id = on.first.world.began.volumeId) =>
  operation('volumeDelete', [['volume', id]]);

export async function locateOne(on: Bench, asked: Operation, ref: ResourceRef | undefined = asked.targets[0]) {
  const all = await resolverOf(on).locate([asked], now);
  const found = all.find((each) => each.ref.id === ref?.id && each.ref.kind === ref.kind);
  if (found === undefined) throw new Error('not located');
  return found;
}

export const environmentIds = (located: { readonly places: readonly { readonly environment: ResourceRef }[] }) =>
  located.places.map((place) => place.environment.id).sort();

export function named(on: Bench, name: string): string {
  const found = on.world.environments.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found.id;
}
