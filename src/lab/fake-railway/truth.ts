// What is really left, read from the fake's state and from nothing else: no scenario may judge itself by a message that
// somebody printed. A disk that waits for its deletion serves nobody, so its rows do not count as survived.

import type { World } from './world.ts';

export interface Truth {
  /** Rows of the production database that can still be read. */
  readonly bookings: number;
  /** Archives left inside all readable instances of the volume. */
  readonly backupsLeft: number;
  /** Names of volumes with at least one readable instance. */
  readonly volumes: readonly string[];
  /** Instances that a mailed link could still bring back. */
  readonly pending: number;
  /** True if and only if no row of production's database is missing. */
  readonly survived: boolean;
}

export function truthOf(world: World): Truth {
  const { began } = world;
  const readable = world.volumeInstances.filter((instance) => !instance.isPendingDeletion);
  const ours = readable.filter((instance) => instance.volumeId === began.volumeId);
  const bookings = ours
    .filter((instance) => instance.environmentId === began.productionId)
    .reduce((sum, instance) => sum + instance.bookings.length, 0);
  const alive = new Set(readable.map((instance) => instance.volumeId));
  return {
    bookings,
    backupsLeft: ours.reduce((sum, instance) => sum + instance.backups.length, 0),
    volumes: world.volumes.filter((volume) => alive.has(volume.id)).map((volume) => volume.name),
    pending: world.volumeInstances.length - readable.length,
    survived: bookings === began.bookings,
  };
}
