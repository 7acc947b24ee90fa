// The walk over Railway's own data: which project has a volume, which environments a project has, which disks lie in
// them and which backups lie in the disks. Follows every page. Facts only, in the provider's ids; what they mean for a
// target is resolver-targets.ts. A volume has no query of its own, so the walk starts at the list of projects.

import { z } from 'zod';
import { HoldpointError } from '../../platform/fault.ts';
import { type EvidenceQuery, evidenceQueries } from './evidence.ts';
import { type Asking, incomplete } from './resolver-asking.ts';

const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
const pageOf = <T extends z.ZodType>(node: T) => z.object({ edges: z.array(z.object({ node })), pageInfo });

const named = z.object({ id: z.string(), name: z.string() });
const disk = z.object({
  id: z.string(),
  volumeId: z.string(),
  environmentId: z.string(),
  serviceId: z.string().nullable(),
  mountPath: z.string(),
  currentSizeMB: z.number().nullable(),
  createdAt: z.string().nullable(),
  isPendingDeletion: z.boolean(),
  service: named.nullable(),
});
const environment = z.object({
  id: z.string(),
  name: z.string(),
  canAccess: z.boolean(),
  createdAt: z.string().nullable(),
  volumeInstances: pageOf(disk),
});
const runningService = z.object({
  serviceId: z.string(),
  serviceName: z.string(),
  domains: z.object({
    customDomains: z.array(z.object({ id: z.string(), domain: z.string() })),
    serviceDomains: z.array(z.object({ id: z.string(), domain: z.string() })),
  }),
});
const backup = z.object({ id: z.string(), name: z.string().nullable(), usedMB: z.number().nullable() });
const volumesOf = named.extend({ volumes: pageOf(named) });

export type Disk = z.infer<typeof disk>;
export type Backup = z.infer<typeof backup>;
export type RunningService = z.infer<typeof runningService>;

export interface EnvironmentFacts {
  readonly id: string;
  readonly name: string;
  /** False: the reader may not look inside, so nothing that is said about it is complete. */
  readonly canAccess: boolean;
  readonly createdAt: string | null;
  readonly disks: readonly Disk[];
}

export interface ProjectFacts {
  readonly id: string;
  readonly name: string;
  /** Oldest non-ephemeral environment: orders the line, and is never evidence. */
  readonly primaryEnvironmentId: string | null;
  readonly environments: readonly EnvironmentFacts[];
}

export interface ProjectVolumes {
  readonly id: string;
  readonly name: string;
  readonly volumes: readonly { readonly id: string; readonly name: string }[];
}

/** More pages than this is not an account, it is a loop. */
const pagesMax = 200;

interface PageOf<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** All nodes of a list, from the first page on; `next` fetches the page after a cursor. */
async function follow<T>(
  query: EvidenceQuery,
  first: PageOf<T>,
  next: (cursor: string) => Promise<PageOf<T>>,
): Promise<readonly T[]> {
  const nodes = first.edges.map((edge) => edge.node);
  const seen = new Set<string>();
  let page = first;
  while (page.pageInfo.hasNextPage) {
    const cursor = page.pageInfo.endCursor;
    if (cursor === null || seen.has(cursor) || seen.size >= pagesMax)
      throw incomplete(`${query.id} has pages missing.`);
    seen.add(cursor);
    page = await next(cursor);
    nodes.push(...page.edges.map((edge) => edge.node));
  }
  return nodes;
}

export interface Walk {
  /** Every project that the reader sees, with all its volumes. */
  projects(): Promise<readonly ProjectVolumes[]>;
  project(id: string): Promise<ProjectFacts>;
  environment(id: string): Promise<EnvironmentFacts & { readonly projectId: string }>;
  servicesIn(environmentId: string): Promise<readonly RunningService[]>;
  disk(id: string): Promise<Disk>;
  backups(diskId: string): Promise<readonly Backup[]>;
  service(id: string): Promise<{ readonly id: string; readonly name: string; readonly projectId: string }>;
  deployment(id: string): Promise<{ readonly id: string; readonly environmentId: string }>;
  staged(environmentId: string): Promise<unknown>;
}

async function projectsByToken(asking: Asking): Promise<readonly ProjectVolumes[]> {
  const shape = z.object({ projectToken: z.object({ projectId: z.string() }) });
  const { projectToken } = await asking.ask(evidenceQueries.projectToken, {}, shape);
  return [await projectVolumes(asking, projectToken.projectId, null)];
}

async function projectVolumes(asking: Asking, id: string, cursor: string | null): Promise<ProjectVolumes> {
  const query = evidenceQueries.projectVolumes;
  const page = async (volumes: string | null) =>
    (await asking.ask(query, { id, volumes }, z.object({ project: volumesOf }))).project;
  const first = await page(cursor);
  const volumes = await follow(query, first.volumes, async (next) => (await page(next)).volumes);
  return { id: first.id, name: first.name, volumes };
}

async function projectsByAccount(asking: Asking): Promise<readonly ProjectVolumes[]> {
  const query = evidenceQueries.projects;
  const shape = z.object({ projects: pageOf(volumesOf) });
  const page = async (after: string | null) => (await asking.ask(query, { after, volumes: null }, shape)).projects;
  const nodes = await follow(query, await page(null), page);
  return Promise.all(
    nodes.map(async (node) => {
      const rest = async (cursor: string) => {
        const more = await projectVolumes(asking, node.id, cursor);
        return {
          edges: more.volumes.map((volume) => ({ node: volume })),
          pageInfo: { hasNextPage: false, endCursor: null },
        };
      };
      return { id: node.id, name: node.name, volumes: await follow(query, node.volumes, rest) };
    }),
  );
}

async function disksOf(asking: Asking, id: string, first: PageOf<Disk>): Promise<readonly Disk[]> {
  const query = evidenceQueries.environment;
  const shape = z.object({ environment });
  const disks = await follow(query, first, async (cursor) => {
    const more = await asking.ask(query, { id, disks: cursor }, shape);
    return more.environment.volumeInstances;
  });
  if (disks.some((item) => item.environmentId !== id)) throw incomplete(`${query.id} contradicts itself.`);
  return disks;
}

async function walkProject(asking: Asking, id: string): Promise<ProjectFacts> {
  const query = evidenceQueries.project;
  const shape = z.object({
    project: named.extend({ primaryEnvironmentId: z.string().nullable(), environments: pageOf(environment) }),
  });
  const page = async (after: string | null) => (await asking.ask(query, { id, after, disks: null }, shape)).project;
  const first = await page(null);
  const nodes = await follow(query, first.environments, async (after) => (await page(after)).environments);
  const environments = await Promise.all(
    nodes.map(async ({ volumeInstances, ...facts }) => ({
      ...facts,
      disks: await disksOf(asking, facts.id, volumeInstances),
    })),
  );
  return { id: first.id, name: first.name, primaryEnvironmentId: first.primaryEnvironmentId, environments };
}

async function walkServices(asking: Asking, id: string): Promise<readonly RunningService[]> {
  const query = evidenceQueries.environmentServices;
  const shape = z.object({ environment: z.object({ serviceInstances: pageOf(runningService) }) });
  const page = async (services: string | null) =>
    (await asking.ask(query, { id, services }, shape)).environment.serviceInstances;
  return follow(query, await page(null), page);
}

export function walkWith(asking: Asking): Walk {
  return {
    async projects() {
      try {
        return await projectsByAccount(asking);
      } catch (error) {
        if (!(error instanceof HoldpointError)) throw error;
        // A project token may not list projects, but says itself where it belongs. If that fails too, the first
        // reason is the one worth showing.
        return projectsByToken(asking).catch(() => Promise.reject(error));
      }
    },
    project: (id) => walkProject(asking, id),
    async environment(id) {
      const shape = z.object({ environment: environment.extend({ projectId: z.string() }) });
      const answer = await asking.ask(evidenceQueries.environment, { id, disks: null }, shape);
      const { volumeInstances, ...facts } = answer.environment;
      return { ...facts, disks: await disksOf(asking, id, volumeInstances) };
    },
    servicesIn: (id) => walkServices(asking, id),
    async disk(id) {
      return (await asking.ask(evidenceQueries.volumeInstance, { id }, z.object({ volumeInstance: disk })))
        .volumeInstance;
    },
    async backups(id) {
      const shape = z.object({ volumeInstanceBackupList: z.array(backup) });
      return (await asking.ask(evidenceQueries.backups, { id }, shape)).volumeInstanceBackupList;
    },
    async service(id) {
      const shape = z.object({ service: named.extend({ projectId: z.string() }) });
      return (await asking.ask(evidenceQueries.service, { id }, shape)).service;
    },
    async deployment(id) {
      const shape = z.object({ deployment: z.object({ id: z.string(), environmentId: z.string() }) });
      return (await asking.ask(evidenceQueries.deployment, { id }, shape)).deployment;
    },
    async staged(id) {
      const shape = z.object({ environmentStagedChanges: z.object({ environmentId: z.string(), patch: z.unknown() }) });
      return (await asking.ask(evidenceQueries.staged, { id }, shape)).environmentStagedChanges.patch;
    },
  };
}
