// Changes of the world as other people would make them, from a seed: renames, new environments, moved disks, more or
// fewer backups, restricted places. A resolver that keeps up with these reads the provider; one that does not, guesses.
// Names are changed into each other on purpose ("production" may call itself staging), because names never bind.

import { type Seeded, seeded } from './seeded.ts';
import { addBackup, addEnvironment, addVolume, deleteBackup, stage } from './transition.ts';
import type { Environment, VolumeInstance, World } from './world.ts';

const names = ['production', 'staging', 'staging-2', 'preview', 'pr-17', 'sandbox', 'Production', 'test'];

function renameEnvironment(world: World, random: Seeded): World {
  const chosen = random.pick(world.environments);
  const name = random.pick(names);
  return {
    ...world,
    environments: world.environments.map((item) => (item.id === chosen.id ? { ...item, name } : item)),
  };
}

function growEnvironment(world: World, random: Seeded, atMs: number): World {
  const source = random.pick(world.environments);
  const created: Environment = {
    ...source,
    id: random.uuid(),
    name: `${random.pick(names)}-${random.int(100)}`,
    isEphemeral: random.int(2) === 0,
    sourceEnvironmentId: source.id,
    createdAt: new Date(atMs - random.int(72) * 3_600_000).toISOString(),
    restricted: false,
    staged: {},
  };
  return addEnvironment(world, created, () => random.uuid());
}

function someInstance(world: World, random: Seeded): VolumeInstance | null {
  return world.volumeInstances.length === 0 ? null : random.pick(world.volumeInstances);
}

function withInstance(world: World, id: string, change: Partial<VolumeInstance>): World {
  const volumeInstances = world.volumeInstances.map((item) => (item.id === id ? { ...item, ...change } : item));
  return { ...world, volumeInstances };
}

function moveInstance(world: World, random: Seeded, atMs: number): World {
  const instance = someInstance(world, random);
  if (instance === null) return world;
  const volume = world.volumes.find((item) => item.id === instance.volumeId);
  const free = world.environments.filter(
    (environment) =>
      environment.projectId === volume?.projectId &&
      !world.volumeInstances.some(
        (item) => item.volumeId === instance.volumeId && item.environmentId === environment.id,
      ),
  );
  if (free.length === 0) return world;
  const createdAt = new Date(atMs - random.int(48) * 3_600_000).toISOString();
  return withInstance(world, instance.id, { environmentId: random.pick(free).id, createdAt });
}

function growBackup(world: World, random: Seeded, atMs: number): World {
  const instance = someInstance(world, random);
  if (instance === null) return world;
  const createdAt = new Date(atMs).toISOString();
  const usedMB = random.int(900);
  const id = random.uuid();
  const backup = { id, name: `${id.slice(0, 6)}.tar.gz`, createdAt, expiresAt: null, usedMB, referencedMB: usedMB };
  return addBackup(world, instance.id, backup);
}

function dropBackup(world: World, random: Seeded): World {
  const instance = someInstance(world, random);
  const backup = instance?.backups[0];
  return instance === null || backup === undefined ? world : deleteBackup(world, instance.id, backup.id);
}

function resize(world: World, random: Seeded): World {
  const instance = someInstance(world, random);
  if (instance === null) return world;
  return withInstance(world, instance.id, { currentSizeMB: random.int(90_000), mountPath: `/data-${random.int(20)}` });
}

function growProject(world: World, random: Seeded, atMs: number): World {
  const workspaceId = random.pick(world.workspaces).id;
  const createdAt = new Date(atMs).toISOString();
  const [projectId, environmentId, volumeId] = [random.uuid(), random.uuid(), random.uuid()];
  const project = { id: projectId, name: `side-${random.int(100)}`, workspaceId, primaryEnvironmentId: environmentId };
  const environment: Environment = {
    id: environmentId,
    projectId,
    name: random.pick(names),
    isEphemeral: false,
    sourceEnvironmentId: null,
    createdAt,
    restricted: false,
    staged: {},
  };
  const grown = {
    ...world,
    projects: [...world.projects, { ...project, deletesAt: null }],
    environments: [...world.environments, environment],
  };
  const template = someInstance(world, random);
  if (template === null) return grown;
  const instance = { ...template, id: random.uuid(), volumeId, environmentId, serviceId: null, createdAt, backups: [] };
  return addVolume(grown, { id: volumeId, projectId, name: 'side-data', createdAt, restId: null }, [instance]);
}

function detach(world: World, random: Seeded): World {
  const instance = someInstance(world, random);
  return instance === null ? world : withInstance(world, instance.id, { serviceId: null });
}

function stageDeletion(world: World, random: Seeded): World {
  const environment = random.pick(world.environments);
  const volumes = world.volumes.filter((item) => item.projectId === environment.projectId && random.int(2) === 0);
  const marked = Object.fromEntries(volumes.map((item) => [item.id, { isDeleted: true }]));
  return stage(world, environment.id, volumes.length === 0 ? {} : { volumes: marked });
}

function restrict(world: World, random: Seeded): World {
  const chosen = random.pick(world.environments);
  const environments = world.environments.map((item) =>
    item.id === chosen.id ? { ...item, restricted: !item.restricted } : item,
  );
  return { ...world, environments };
}

const changes = [
  renameEnvironment,
  growEnvironment,
  moveInstance,
  growBackup,
  growBackup,
  dropBackup,
  resize,
  growProject,
  detach,
  stageDeletion,
  restrict,
] as const;

/** One change, chosen by the seed alone. `atMs` dates what is new. */
export function randomChange(world: World, seed: number, atMs: number): World {
  const random = seeded(seed);
  return random.pick(changes)(world, random, atMs);
}
