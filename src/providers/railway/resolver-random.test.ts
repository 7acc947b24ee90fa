// Hundreds of random worlds, after each of which the evidence must equal the fake's own state. The expectation is computed
// from the tables, never from the API, so that a mistake shared by API and reader has nowhere to hide.

import { describe, expect, it } from 'vitest';
import { randomChange } from '../../lab/fake-railway/random-change.ts';
import type { World } from '../../lab/fake-railway/world.ts';
import { bench, environmentIds, locateOne, startMs, volumeDelete } from '../../testing/railway-bench.ts';
import { plainName, sizeOf } from './resolver-lines.ts';

/** What a perfect reader would say, from the tables. */
function expectedOf(world: World, volumeId: string) {
  const disks = world.volumeInstances.filter((each) => each.volumeId === volumeId);
  const volume = world.volumes.find((each) => each.id === volumeId);
  const project = world.projects.find((each) => each.id === volume?.projectId);
  const megabytes = disks.reduce((sum, each) => sum + each.currentSizeMB, 0);
  const backups = disks.reduce((sum, each) => sum + each.backups.length, 0);
  const nameOf = (id: string) => world.environments.find((each) => each.id === id)?.name ?? '';
  return {
    environments: disks.map((each) => each.environmentId).sort(),
    details: disks.map((each) => `${plainName(nameOf(each.environmentId))} ${each.mountPath}`).sort(),
    bytes: Math.round(megabytes * 1_000_000),
    backups,
    project: project?.name ?? '',
    size: sizeOf(megabytes),
    recent: disks.map((each) => startMs - Date.parse(each.createdAt) < 24 * 3_600_000),
  };
}

describe('after random changes', () => {
  const seeds = 240;
  it(`${seeds} worlds: the evidence equals the state`, async () => {
    const count = { worlds: 0, compared: 0, unknown: 0, paged: 0, many: 0, restricted: 0 };
    for (let seed = 1; seed <= seeds; seed += 1) {
      const on = bench(seed);
      on.pageMax = seed % 3 === 0 ? 1 : 500;
      if (seed % 4 === 0) on.reach = { kind: 'workspace', workspaceId: on.world.workspaces[0]?.id ?? '' };
      const changes = 1 + (seed % 9);
      for (let step = 0; step < changes; step += 1) on.world = randomChange(on.world, seed * 100 + step, startMs);
      count.worlds += 1;
      if (on.pageMax === 1) count.paged += 1;
      for (const volume of on.world.volumes) {
        const found = await locateOne(on, volumeDelete(on, volume.id));
        const truth = expectedOf(on.world, volume.id);
        const closed =
          on.reach.kind !== 'account' &&
          on.world.environments.some((each) => each.restricted && each.projectId === volume.projectId);
        if (closed || truth.environments.length === 0) {
          expect(found.incomplete, `seed ${seed}`).not.toBeNull();
          count.unknown += 1;
          if (closed) count.restricted += 1;
          continue;
        }
        expect(found.incomplete, `seed ${seed}`).toBeNull();
        expect(environmentIds(found), `seed ${seed}`).toEqual(truth.environments);
        expect(found.places.map((each) => `${each.label} ${each.detail}`).sort()).toEqual(truth.details);
        expect(found.blast).toMatchObject({ bytes: truth.bytes, backupsInside: truth.backups });
        expect(found.line).toContain(`project ${truth.project} -> `);
        expect(found.line).toContain(
          `(${truth.size}, ${truth.backups} backup${truth.backups === 1 ? '' : 's'} inside)`,
        );
        if (truth.recent.includes(true)) expect(found.places.some((each) => each.changedRecently)).toBe(true);
        count.compared += 1;
        if (truth.environments.length > 2) count.many += 1;
      }
    }
    expect(count.worlds).toBe(seeds);
    for (const [what, least] of [
      ['compared', 200],
      ['paged', 60],
      ['many', 20],
      ['restricted', 5],
    ] as const) {
      expect(count[what], what).toBeGreaterThan(least);
    }
  });
});
