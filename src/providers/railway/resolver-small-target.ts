// Targets that lie in exactly one environment: deployments, domains, backups. Deployments say where themselves; a backup
// is believed only if the disk that the call names really has it; a domain has no query by its id alone, so the walk
// looks through every environment that the reader sees, and "not found" stays unknown.

import type { Located } from '../../resolve/resolver.ts';
import { incomplete } from './resolver-asking.ts';
import { plainName, shortId, sizeOf } from './resolver-lines.ts';
import { type Aim, locateDisk, locateEnvironment } from './resolver-target.ts';
import type { Walk } from './resolver-walk.ts';

/** The environment as a place, without the environment's own losses: only one thing in it is meant. */
async function within(walk: Walk, aim: Aim, environmentId: string): Promise<Located> {
  const whole = await locateEnvironment(walk, { ...aim, id: environmentId, depth: 'places' });
  const places = whole.places.map((place) => ({ ...place, changedRecently: null }));
  return { ...whole, places, ref: aim.ref, label: null };
}

export async function locateDeployment(walk: Walk, aim: Aim): Promise<Located> {
  const deployment = await walk.deployment(aim.id);
  return within(walk, aim, deployment.environmentId);
}

export async function locateDomain(walk: Walk, aim: Aim): Promise<Located> {
  for (const owner of await walk.projects()) {
    const project = await walk.project(owner.id);
    for (const environment of project.environments.filter((item) => item.canAccess)) {
      for (const service of await walk.servicesIn(environment.id)) {
        const domains = [...service.domains.customDomains, ...service.domains.serviceDomains];
        const domain = domains.find((item) => item.id.toLowerCase() === aim.id);
        if (domain === undefined) continue;
        const located = await within(walk, aim, environment.id);
        return { ...located, label: plainName(domain.domain) };
      }
    }
  }
  throw incomplete('No environment that the reader sees has this domain.');
}

/** `diskIds`: the disks that the same operation names; without one a backup cannot be found. */
export async function locateBackup(walk: Walk, aim: Aim, diskIds: readonly string[]): Promise<Located> {
  for (const id of diskIds) {
    const backup = (await walk.backups(id)).find((item) => item.id.toLowerCase() === aim.id);
    if (backup === undefined) continue;
    const disk = await locateDisk(walk, { ...aim, id, depth: 'places' });
    const size = backup.usedMB === null ? '' : ` (${sizeOf(backup.usedMB)})`;
    const name = plainName(backup.name ?? shortId(backup.id));
    return {
      ...disk,
      ref: aim.ref,
      label: name,
      line: `${disk.line}, backup ${name}${size}`,
      blast: {
        what: `backup ${name}`,
        bytes: backup.usedMB === null ? null : backup.usedMB * 1_000_000,
        rows: null,
        dependents: [],
        backupsInside: 1,
        oldest: null,
        newest: null,
      },
    };
  }
  throw incomplete('The disk that the call names does not have this backup, or the call names no disk.');
}
