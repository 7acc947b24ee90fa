// What the fake Railway knows: plain readonly tables, so that a state can be kept, compared and asked for the truth.
// The one thing that must not be tidied: backups and archives lie inside the volume instance (as at the provider), which
// is why they die with it. How the tables change is transition.ts; the first world is first-world.ts.

export type DeleteMode = 'immediate' | 'soft48h';

export type VolumeState =
  | 'DELETED'
  | 'DELETING'
  | 'ERROR'
  | 'MIGRATING'
  | 'MIGRATION_PENDING'
  | 'READY'
  | 'RESTORING'
  | 'UPDATING';

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly workspaceId: string;
  readonly primaryEnvironmentId: string;
  /** ISO time of a scheduled deletion (48 h grace); null: none. */
  readonly deletesAt: string | null;
}

export interface Environment {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly isEphemeral: boolean;
  readonly sourceEnvironmentId: string | null;
  readonly createdAt: string;
  /** What the provider answers to `canAccess` for everybody but the owner of the workspace. */
  readonly restricted: boolean;
  /** The staged, not yet committed patch; `{}` if none. */
  readonly staged: Readonly<Record<string, unknown>>;
}

export interface Service {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  /** Environments in which it has an instance. */
  readonly environmentIds: readonly string[];
}

export interface Booking {
  readonly id: number;
  readonly customer: string;
  readonly car: string;
  /** ISO date of pick-up. */
  readonly from: string;
  readonly days: number;
}

/** An archive under `.backups/` of the very disk that it is meant to save. */
export interface Backup {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly usedMB: number;
  readonly referencedMB: number;
}

export interface VolumeInstance {
  readonly id: string;
  readonly volumeId: string;
  readonly environmentId: string;
  readonly serviceId: string | null;
  readonly mountPath: string;
  readonly state: VolumeState;
  readonly sizeMB: number;
  readonly currentSizeMB: number;
  readonly createdAt: string;
  readonly isPendingDeletion: boolean;
  readonly deletedAt: string | null;
  /** The rows of data/database.db. */
  readonly bookings: readonly Booking[];
  /** File names in data/uploads/. */
  readonly uploads: readonly string[];
  readonly backups: readonly Backup[];
}

export interface Volume {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly createdAt: string;
  /** The id under which the article's REST retelling names it; null: not reachable there. */
  readonly restId: string | null;
}

export interface Deployment {
  readonly id: string;
  readonly projectId: string;
  readonly serviceId: string;
  readonly environmentId: string;
  readonly status: 'SUCCESS' | 'REMOVED' | 'STOPPED';
  readonly createdAt: string;
}

export interface Domain {
  readonly id: string;
  readonly kind: 'custom' | 'service';
  readonly domain: string;
  readonly serviceId: string;
  readonly environmentId: string;
}

export interface Variable {
  readonly environmentId: string;
  readonly serviceId: string | null;
  readonly name: string;
  readonly value: string;
}

/** Tokens have a reach and no operation scopes, which is the first missing layer of the incident. */
export type TokenReach =
  | { readonly kind: 'account' }
  | { readonly kind: 'workspace'; readonly workspaceId: string }
  | { readonly kind: 'project'; readonly projectId: string; readonly environmentId: string };

export interface Token {
  readonly secret: string;
  readonly name: string;
  readonly reach: TokenReach;
}

export interface World {
  readonly deleteMode: DeleteMode;
  readonly user: { readonly id: string; readonly name: string };
  readonly workspaces: readonly { readonly id: string; readonly name: string }[];
  readonly projects: readonly Project[];
  readonly environments: readonly Environment[];
  readonly services: readonly Service[];
  readonly volumes: readonly Volume[];
  readonly volumeInstances: readonly VolumeInstance[];
  readonly deployments: readonly Deployment[];
  readonly domains: readonly Domain[];
  readonly variables: readonly Variable[];
  readonly tokens: readonly Token[];
  /** What was there at the beginning: the measure of `survived`. */
  readonly began: { readonly volumeId: string; readonly productionId: string; readonly bookings: number };
}

/** The article's tree of one instance: everything in it, the archives too, hangs from one disk. */
export function treeOf(instance: VolumeInstance): readonly string[] {
  return [
    'data/database.db',
    ...instance.uploads.map((name) => `data/uploads/${name}`),
    ...instance.backups.map((backup) => `.backups/${backup.name}`),
  ];
}
