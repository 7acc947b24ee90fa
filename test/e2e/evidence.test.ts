// What the human reads is what is there: after random changes at the provider, a fresh hold's evidence must equal a line
// that is put together here, from the fake's tables alone. And what changes between a yes and its release asks again.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addBackup, addEnvironment, deleteBackup } from '../../src/lab/fake-railway/transition.ts';
import type { World } from '../../src/lab/fake-railway/world.ts';
import { runCli } from '../../src/testing/cli-run.ts';
import { type Bench, startBench } from './bench.ts';
import { until } from './processes.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ seed: 7, delay: '1s', wait: '0s' });
});

afterAll(() => bench.close());

function amount(megabytes: number): string {
  if (megabytes < 1000) return `${megabytes} MB`;
  const gigabytes = megabytes / 1000;
  return gigabytes < 10 ? `${Number(gigabytes.toFixed(1))} GB` : `${gigabytes.toFixed(0)} GB`;
}

/** The line a perfect reader would write: non-primary environments first, in the provider's order. */
function expectedLine(world: World): string {
  const { volumeId } = world.began;
  const disks = world.volumeInstances.filter((each) => each.volumeId === volumeId);
  const projectId = world.volumes.find((each) => each.id === volumeId)?.projectId;
  const project = world.projects.find((each) => each.id === projectId);
  const environments = world.environments.filter((each) => each.projectId === projectId);
  const primary = (id: string) => id === project?.primaryEnvironmentId;
  const ordered = [...environments.filter(({ id }) => !primary(id)), ...environments.filter(({ id }) => primary(id))];
  const places = ordered.flatMap((each) =>
    disks.filter((disk) => disk.environmentId === each.id).map((disk) => `${each.name} ${disk.mountPath}`),
  );
  const megabytes = disks.reduce((sum, disk) => sum + disk.currentSizeMB, 0);
  const backups = disks.reduce((sum, disk) => sum + disk.backups.length, 0);
  const inside = `${amount(megabytes)}, ${backups} backup${backups === 1 ? '' : 's'} inside`;
  return `volumeDelete ${volumeId.slice(0, 8)} -> project ${project?.name} -> ${places.join(', ')} (${inside}) - the API takes no environment - undo: 48 h, e-mailed link`;
}

async function shownLine(id: string | null): Promise<string> {
  const shown = await runCli(['hold', 'show', id ?? '', '--json'], { env: { HOLDPOINT_HOME: bench.root } });
  return (JSON.parse(shown.out) as { readonly resolution: { readonly line: string } }).resolution.line;
}

describe('a fresh hold', () => {
  it('shows what is there now, whatever changed a moment ago', async () => {
    const seeds = Array.from({ length: 30 }, (_, index) => index + 1);
    const lines = new Set<string>();
    for (const seed of seeds) {
      for (let step = 0; step < 3; step += 1) bench.fake.randomChange(seed * 100 + step);
      const before = bench.fake.world();
      const { status, holdId } = await bench.call(bench.deletion(`seed${seed}`));
      expect(status).toBe(423);
      const line = await shownLine(holdId);
      expect(line, `seed ${seed}`).toBe(expectedLine(before));
      lines.add(line);
      await bench.instance.control.cancel(holdId ?? '', 'test');
    }
    // The changes did change what there was to read.
    expect(lines.size).toBeGreaterThan(15);
  });
});

describe('between the yes and the release', () => {
  const hour = new Date(Date.now()).toISOString();

  async function approvedThen(mark: string, change: (world: World) => World) {
    const { holdId } = await bench.call(bench.deletion(mark));
    const held = await bench.hold(holdId);
    const instances = bench.fake.world().volumeInstances.length;
    await bench.approve(holdId);
    bench.fake.change(change);
    return { holdId, held, instances };
  }

  async function asksAgain(holdId: string | null, because: RegExp) {
    const said = await until(async () => {
      const found = await bench.instance.control.events({ holdId: holdId ?? '', kinds: ['reheld'], limit: 10 });
      if (found.length === 0 && (await bench.hold(holdId)).state.kind === 'executed') return 'it was executed';
      return found.length === 0 ? null : JSON.stringify(found.map((event) => event.data));
    });
    expect(said).toMatch(because);
    return bench.reaches(holdId, 'held');
  }

  it('a new environment that carries the volume asks again', async () => {
    const { holdId, held } = await approvedThen('environment', (world) => {
      const source = world.environments.find((each) => each.id === world.began.productionId);
      if (source === undefined) throw new Error('no production');
      let count = 0;
      const id = () => {
        count += 1;
        return `00000000-0000-4000-8000-0000000000${String(count).padStart(2, '0')}`;
      };
      const made = { ...source, id: id(), name: 'demo', sourceEnvironmentId: source.id, createdAt: hour };
      return addEnvironment(world, made, id);
    });
    const again = await asksAgain(holdId, /environments/);
    expect(again.approvals).toEqual([]);
    expect(again.digest).not.toBe(held.digest);
    expect(again.resolution.line).toContain('demo /');
    expect(await shownLine(holdId)).toBe(expectedLine(bench.fake.world()));
  });

  it('more backups than the bound that was approved ask again', async () => {
    const { holdId, held } = await approvedThen('backups', (world) => {
      const disk = world.volumeInstances.find((each) => each.volumeId === world.began.volumeId);
      return Array.from({ length: 60 }, (_, index) => index).reduce(
        (grown, index) =>
          addBackup(grown, disk?.id ?? '', {
            id: `00000000-0000-4000-8000-0000000001${String(index).padStart(2, '0')}`,
            name: `more-${index}.tar.gz`,
            createdAt: hour,
            expiresAt: null,
            usedMB: 1,
            referencedMB: 1,
          }),
        world,
      );
    });
    const again = await asksAgain(holdId, /backups at stake may be/);
    expect(again.material.backupsMax).toBeGreaterThan(held.material.backupsMax ?? Number.POSITIVE_INFINITY);
  });

  it('fewer rows and one backup less do not: it goes out', async () => {
    const { holdId, instances } = await approvedThen('fewer', (world) => {
      const disk = world.volumeInstances.find(
        (each) => each.volumeId === world.began.volumeId && each.backups.length > 0,
      );
      const fewer = deleteBackup(world, disk?.id ?? '', disk?.backups[0]?.id ?? '');
      const volumeInstances = fewer.volumeInstances.map((each) => ({ ...each, bookings: each.bookings.slice(1) }));
      return { ...fewer, volumeInstances };
    });
    const done = await bench.reaches(holdId, 'executed');
    expect(done.state).toMatchObject({ outcome: 'ok' });
    expect(await bench.instance.control.events({ holdId: holdId ?? '', kinds: ['reheld'], limit: 10 })).toEqual([]);
    expect(bench.fake.world().volumeInstances.length).toBeLessThan(instances);
    expect(bench.fake.world().volumes.some((each) => each.id === bench.fake.world().began.volumeId)).toBe(false);
  });
});
