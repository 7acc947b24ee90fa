// One target located: from Railway's facts to places, size and what dies with it. One function per kind of resource.
// Where an operation's own environment argument narrows what it reaches, only that environment counts; where it is not
// documented to narrow (volumeDelete, patches), everything that carries the id counts.

import type { ResourceRef } from '../../action/action.ts';
import type { Blast, Evidence } from '../../action/effect.ts';
import type { Located, Place } from '../../resolve/resolver.ts';
import { incomplete } from './resolver-asking.ts';
import { countOf, placesLine, plainName, shortId } from './resolver-lines.ts';
import type { Disk, EnvironmentFacts, ProjectFacts, Walk } from './resolver-walk.ts';

/** What a target means within its operation. */
export interface Aim {
  readonly ref: ResourceRef;
  /** Lower-case id: the provider compares UUIDs without case, so does the walk. */
  readonly id: string;
  /** The one environment to which the operation's own argument narrows this target; null: all that carry the id. */
  readonly onlyIn: string | null;
  /** Whether sizes and backups are worth asking for: only what may be lost needs them. */
  readonly depth: 'places' | 'losses';
  readonly takesNoEnvironment: 'takes-no-environment' | 'names-it';
  readonly undo: string | null;
  readonly nowMs: number;
}

export const recentMs = 24 * 3_600_000;

function isRecent(createdAt: string | null, nowMs: number): boolean | null {
  const atMs = createdAt === null ? Number.NaN : Date.parse(createdAt);
  return Number.isNaN(atMs) ? null : nowMs - atMs < recentMs;
}

/** True if anything is new; null if anything is unknown; false only if all is known and old. */
function changedRecently(dates: readonly (string | null)[], nowMs: number): boolean | null {
  const recent = dates.map((date) => isRecent(date, nowMs));
  if (recent.includes(true)) return true;
  return recent.includes(null) ? null : false;
}

function environmentRef(id: string): ResourceRef {
  return { provider: 'railway', kind: 'environment', id };
}

function placeOf(environment: EnvironmentFacts, detail: string, disks: readonly Disk[], nowMs: number): Place {
  return {
    environment: environmentRef(environment.id),
    label: plainName(environment.name),
    detail: plainName(detail),
    changedRecently: changedRecently([environment.createdAt, ...disks.map((disk) => disk.createdAt)], nowMs),
  };
}

/** Bare volumes and disks reach nobody; the primary environment last, where the sizes follow. */
function inLineOrder(project: ProjectFacts): readonly EnvironmentFacts[] {
  const primary = (item: EnvironmentFacts) => item.id === project.primaryEnvironmentId;
  return [...project.environments.filter((item) => !primary(item)), ...project.environments.filter(primary)];
}

interface Losses {
  readonly megabytes: number | null;
  readonly backups: number | null;
}

async function lossesOf(walk: Walk, disks: readonly Disk[], depth: Aim['depth']): Promise<Losses> {
  if (depth === 'places') return { megabytes: null, backups: null };
  const sizes = disks.map((disk) => disk.currentSizeMB);
  const megabytes = sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0);
  const lists = await Promise.all(disks.map((disk) => walk.backups(disk.id)));
  return { megabytes, backups: lists.reduce((sum, list) => sum + list.length, 0) };
}

function blastOf(what: string, losses: Losses, disks: readonly Disk[]): Blast {
  const services = disks.flatMap((disk) => (disk.service === null ? [] : [plainName(disk.service.name)]));
  return {
    what,
    bytes: losses.megabytes === null ? null : Math.round(losses.megabytes * 1_000_000),
    rows: null,
    dependents: [...new Set(services)].sort(),
    backupsInside: losses.backups,
    oldest: null,
    newest: null,
  };
}

interface Found {
  readonly label: string | null;
  readonly project: string;
  readonly places: readonly Place[];
  readonly disks: readonly Disk[];
  readonly what: string;
  readonly incomplete: string | null;
  readonly evidence: readonly Evidence[];
}

async function locatedFrom(walk: Walk, aim: Aim, found: Found): Promise<Located> {
  const losses = await lossesOf(walk, found.disks, aim.depth);
  return {
    ref: aim.ref,
    label: found.label,
    places: found.places,
    incomplete: found.incomplete,
    blast: aim.depth === 'losses' ? blastOf(found.what, losses, found.disks) : null,
    undo: aim.undo,
    line: placesLine({
      project: found.project,
      places: found.places.map((place) => [place.label, place.detail].filter((part) => part !== '').join(' ')),
      megabytes: found.disks.length === 0 ? null : losses.megabytes,
      backups: found.disks.length === 0 ? null : losses.backups,
      takesNoEnvironment: aim.takesNoEnvironment,
    }),
    evidence: found.evidence,
  };
}

function closedPlaces(project: ProjectFacts, aim: Aim): string | null {
  const closed = project.environments.filter((item) => !item.canAccess && (aim.onlyIn ?? item.id) === item.id);
  if (closed.length === 0) return null;
  return `The gateway's reader may not look into ${countOf(closed.length, 'environment')} of project ${plainName(project.name)}.`;
}

export async function locateVolume(walk: Walk, aim: Aim): Promise<Located> {
  const owners = (await walk.projects()).filter((project) =>
    project.volumes.some((volume) => volume.id.toLowerCase() === aim.id),
  );
  const [owner] = owners;
  if (owner === undefined || owners.length > 1) {
    throw incomplete(
      `${owners.length === 0 ? 'No project' : 'More than one project'} that the reader sees has this volume.`,
    );
  }
  const project = await walk.project(owner.id);
  const mine = (environment: EnvironmentFacts) =>
    environment.disks.filter((disk) => disk.volumeId.toLowerCase() === aim.id);
  const reached = inLineOrder(project).filter(
    (environment) => mine(environment).length > 0 && (aim.onlyIn ?? environment.id) === environment.id,
  );
  const disks = reached.flatMap(mine);
  const places = reached.flatMap((environment) =>
    mine(environment).map((disk) => placeOf(environment, disk.mountPath, mine(environment), aim.nowMs)),
  );
  const label = owner.volumes.find((volume) => volume.id.toLowerCase() === aim.id)?.name ?? null;
  return locatedFrom(walk, aim, {
    label: label === null ? null : plainName(label),
    project: plainName(project.name),
    places,
    disks,
    what: `volume ${plainName(label ?? aim.id)}: ${countOf(disks.length, 'disk')}`,
    incomplete: closedPlaces(project, aim) ?? (disks.length === 0 ? 'No disk of this volume was found.' : null),
    evidence: reached.flatMap((environment) =>
      mine(environment).map((disk) => ({
        source: 'railway:project',
        says: `Volume ${shortId(aim.id)} has disk ${shortId(disk.id)} in environment ${shortId(environment.id)}, called ${plainName(environment.name)}.`,
      })),
    ),
  });
}

export async function locateProject(walk: Walk, aim: Aim): Promise<Located> {
  const project = await walk.project(aim.id);
  const environments = inLineOrder(project).filter((item) => (aim.onlyIn ?? item.id) === item.id);
  const disks = environments.flatMap((environment) => environment.disks);
  return locatedFrom(walk, aim, {
    label: plainName(project.name),
    project: plainName(project.name),
    places: environments.map((environment) => placeOf(environment, '', environment.disks, aim.nowMs)),
    disks,
    what: `project ${plainName(project.name)}: ${countOf(environments.length, 'environment')}, ${countOf(disks.length, 'disk')}`,
    incomplete:
      closedPlaces(project, aim) ?? (environments.length === 0 ? 'The project shows no such environment.' : null),
    evidence: [
      {
        source: 'railway:project',
        says: `${countOf(environments.length, 'environment')} of the project can be reached.`,
      },
    ],
  });
}

export async function locateEnvironment(walk: Walk, aim: Aim): Promise<Located> {
  const environment = await walk.environment(aim.id);
  const project = (await walk.project(environment.projectId)).name;
  const { disks } = environment;
  return locatedFrom(walk, aim, {
    label: plainName(environment.name),
    project: plainName(project),
    places: [placeOf(environment, '', disks, aim.nowMs)],
    disks,
    what: `environment ${plainName(environment.name)}: ${countOf(disks.length, 'disk')}`,
    incomplete: environment.canAccess ? null : "The gateway's reader may not look into this environment.",
    evidence: [
      { source: 'railway:environment', says: `Environment ${shortId(aim.id)} has ${countOf(disks.length, 'disk')}.` },
    ],
  });
}

export async function locateDisk(walk: Walk, aim: Aim): Promise<Located> {
  const disk = await walk.disk(aim.id);
  const environment = await walk.environment(disk.environmentId);
  const project = (await walk.project(environment.projectId)).name;
  return locatedFrom(walk, aim, {
    label: null,
    project: plainName(project),
    places: [placeOf(environment, disk.mountPath, [disk], aim.nowMs)],
    disks: [disk],
    what: `disk ${shortId(disk.id)} of volume ${shortId(disk.volumeId)}`,
    incomplete: environment.canAccess ? null : "The gateway's reader may not look into this environment.",
    evidence: [
      {
        source: 'railway:volumeInstance',
        says: `Disk ${shortId(disk.id)} lies in environment ${shortId(environment.id)}.`,
      },
    ],
  });
}

export async function locateService(walk: Walk, aim: Aim): Promise<Located> {
  const service = await walk.service(aim.id);
  const project = await walk.project(service.projectId);
  const candidates = inLineOrder(project).filter((item) => item.canAccess && (aim.onlyIn ?? item.id) === item.id);
  const running = await Promise.all(
    candidates.map(async (environment) => {
      const services = await walk.servicesIn(environment.id);
      return services.some((item) => item.serviceId === service.id) ? [environment] : [];
    }),
  );
  const reached = running.flat();
  return {
    ref: aim.ref,
    label: plainName(service.name),
    places: reached.map((environment) => ({
      ...placeOf(environment, '', [], aim.nowMs),
      // When a service came into an environment is not in its data, so it is never known to have been there long.
      changedRecently: null,
    })),
    incomplete: closedPlaces(project, aim) ?? (reached.length === 0 ? 'The service runs in no environment.' : null),
    blast: null,
    undo: aim.undo,
    line: placesLine({
      project: plainName(project.name),
      places: reached.map((environment) => plainName(environment.name)),
      megabytes: null,
      backups: null,
      takesNoEnvironment: aim.takesNoEnvironment,
    }),
    evidence: [
      { source: 'railway:environmentServices', says: `Service ${shortId(service.id)} runs in ${reached.length}.` },
    ],
  };
}
