// How the fake's world changes: each function takes a world and gives the next one; nothing is edited in place.
// In April the API deleted at once, instances and the backups inside them together; since about 27 April it marks a
// volume for 48 hours and mails a link. Both are here, because the promise of the second is not the history of the first.

import type { Backup, Environment, Volume, VolumeInstance, World } from './world.ts';

/** The window that the provider's documentation names. */
export const softDeleteMs = 48 * 3_600_000;

function eachInstance(
  world: World,
  which: (instance: VolumeInstance) => boolean,
  change: (instance: VolumeInstance) => VolumeInstance,
): World {
  return { ...world, volumeInstances: world.volumeInstances.map((item) => (which(item) ? change(item) : item)) };
}

/** Volumes whose last instance is gone go too, as a volume without a disk is nothing. */
function dropEmptyVolumes(world: World): World {
  const held = new Set(world.volumeInstances.map((instance) => instance.volumeId));
  return { ...world, volumes: world.volumes.filter((volume) => held.has(volume.id)) };
}

function deleteInstances(world: World, which: (instance: VolumeInstance) => boolean, atMs: number): World {
  if (world.deleteMode === 'immediate') {
    return dropEmptyVolumes({ ...world, volumeInstances: world.volumeInstances.filter((item) => !which(item)) });
  }
  return eachInstance(world, which, (instance) => ({
    ...instance,
    state: 'DELETING',
    isPendingDeletion: true,
    deletedAt: new Date(atMs + softDeleteMs).toISOString(),
  }));
}

/** Reaches every instance of the volume: the call has no environment to stop at. */
export function deleteVolume(world: World, volumeId: string, atMs: number): World {
  return deleteInstances(world, (instance) => instance.volumeId === volumeId, atMs);
}

/** The e-mailed link of the soft mode, for whoever reads that mailbox; no mutation does this. */
export function restoreByLink(world: World, volumeId: string): World {
  const pending = (instance: VolumeInstance) => instance.volumeId === volumeId && instance.isPendingDeletion;
  return eachInstance(world, pending, (instance) => ({
    ...instance,
    state: 'READY',
    isPendingDeletion: false,
    deletedAt: null,
  }));
}

/** The 48 hours are over: what was pending is gone. */
export function sweepPending(world: World, atMs: number): World {
  const due = (instance: VolumeInstance) => instance.deletedAt !== null && Date.parse(instance.deletedAt) <= atMs;
  return dropEmptyVolumes({ ...world, volumeInstances: world.volumeInstances.filter((instance) => !due(instance)) });
}

export interface InstanceChange {
  readonly volumeId: string;
  /** null: all environments, as the mutation does when it is left out. */
  readonly environmentId: string | null;
  readonly serviceId?: string | null;
  readonly mountPath?: string;
  readonly state?: VolumeInstance['state'];
}

export function updateInstances(world: World, change: InstanceChange, atMs: number): World {
  const which = (instance: VolumeInstance) =>
    instance.volumeId === change.volumeId &&
    (change.environmentId === null || instance.environmentId === change.environmentId);
  if (change.state === 'DELETED') return deleteInstances(world, which, atMs);
  return eachInstance(world, which, (instance) => ({
    ...instance,
    serviceId: change.serviceId === undefined ? instance.serviceId : change.serviceId,
    mountPath: change.mountPath ?? instance.mountPath,
    state: change.state ?? instance.state,
  }));
}

export function deleteEnvironment(world: World, id: string, atMs: number): World {
  const elsewhere = (item: { readonly environmentId: string }) => item.environmentId !== id;
  // An environment has no soft mode of its own: its disks go with it.
  const emptied = deleteInstances({ ...world, deleteMode: 'immediate' }, (item) => item.environmentId === id, atMs);
  return {
    ...emptied,
    deleteMode: world.deleteMode,
    environments: world.environments.filter((environment) => environment.id !== id),
    services: world.services.map((service) => ({
      ...service,
      environmentIds: service.environmentIds.filter((environmentId) => environmentId !== id),
    })),
    deployments: world.deployments.filter(elsewhere),
    domains: world.domains.filter(elsewhere),
    variables: world.variables.filter(elsewhere),
  };
}

/** `environmentId` null: the service and all its instances. Disks stay, detached. */
export function deleteService(world: World, id: string, environmentId: string | null): World {
  const hit = (item: { readonly serviceId: string | null; readonly environmentId: string }) =>
    item.serviceId === id && (environmentId === null || item.environmentId === environmentId);
  const left = world.services.map((service) =>
    service.id === id
      ? { ...service, environmentIds: service.environmentIds.filter((each) => each !== environmentId) }
      : service,
  );
  return {
    ...eachInstance(world, hit, (instance) => ({ ...instance, serviceId: null })),
    services: environmentId === null ? world.services.filter((service) => service.id !== id) : left,
    deployments: world.deployments.filter((item) => !hit(item)),
    domains: world.domains.filter((item) => !hit(item)),
    variables: world.variables.filter((item) => !hit(item)),
  };
}

export function deleteProject(world: World, id: string, atMs: number): World {
  const inside = world.environments.filter((environment) => environment.projectId === id);
  const emptied = inside.reduce((next, environment) => deleteEnvironment(next, environment.id, atMs), world);
  return {
    ...emptied,
    projects: emptied.projects.filter((project) => project.id !== id),
    services: emptied.services.filter((service) => service.projectId !== id),
    volumes: emptied.volumes.filter((volume) => volume.projectId !== id),
  };
}

export function deleteBackup(world: World, instanceId: string, backupId: string): World {
  return eachInstance(
    world,
    (instance) => instance.id === instanceId,
    (instance) => ({ ...instance, backups: instance.backups.filter((backup) => backup.id !== backupId) }),
  );
}

export function addBackup(world: World, instanceId: string, backup: Backup): World {
  return eachInstance(
    world,
    (instance) => instance.id === instanceId,
    (instance) => ({ ...instance, backups: [...instance.backups, backup] }),
  );
}

/** Duplicating an environment duplicates its disks *under the same volume*: how staging came to share production's id. */
export function addEnvironment(world: World, environment: Environment, instanceIds: () => string): World {
  const copies = world.volumeInstances
    .filter((instance) => instance.environmentId === environment.sourceEnvironmentId && !instance.isPendingDeletion)
    .map((instance) => ({
      ...instance,
      id: instanceIds(),
      environmentId: environment.id,
      createdAt: environment.createdAt,
      backups: [],
    }));
  return {
    ...world,
    environments: [...world.environments, environment],
    volumeInstances: [...world.volumeInstances, ...copies],
    services: world.services.map((service) =>
      service.projectId === environment.projectId
        ? { ...service, environmentIds: [...service.environmentIds, environment.id] }
        : service,
    ),
  };
}

export function addVolume(world: World, volume: Volume, instances: readonly VolumeInstance[]): World {
  return {
    ...world,
    volumes: [...world.volumes, volume],
    volumeInstances: [...world.volumeInstances, ...instances],
  };
}

function isMarkedDeleted(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && (entry as { isDeleted?: unknown }).isDeleted === true;
}

function deletedIn(patch: Readonly<Record<string, unknown>>, kind: 'volumes' | 'services'): readonly string[] {
  const entries = patch[kind];
  if (typeof entries !== 'object' || entries === null) return [];
  return Object.entries(entries)
    .filter(([, entry]) => isMarkedDeleted(entry))
    .map(([id]) => id);
}

/** Applies a patch to one environment. Whether the provider keeps a volume's deletion to that environment is not documented; here it does. */
export function commitPatch(
  world: World,
  environmentId: string,
  patch: Readonly<Record<string, unknown>>,
  atMs: number,
): World {
  const volumes = new Set(deletedIn(patch, 'volumes'));
  const emptied = deleteInstances(
    world,
    (instance) => instance.environmentId === environmentId && volumes.has(instance.volumeId),
    atMs,
  );
  return deletedIn(patch, 'services').reduce((next, id) => deleteService(next, id, environmentId), emptied);
}

export function stage(world: World, environmentId: string, staged: Readonly<Record<string, unknown>>): World {
  return {
    ...world,
    environments: world.environments.map((item) => (item.id === environmentId ? { ...item, staged } : item)),
  };
}
