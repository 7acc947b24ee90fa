// How the fake's tables look through the schema: one view per type, nested fields as functions, so that a query sees
// exactly what its token may see. A list's environment that the token does not reach still appears, with canAccess:false.

import { notAuthorized, reachesEnvironment } from './access.ts';
import type { Call } from './call.ts';
import { connectionOf, type Page } from './connection.ts';
import type { Deployment, Domain, Environment, Project, Service, Volume, VolumeInstance } from './world.ts';

export function projectView(call: Call, project: Project): Readonly<Record<string, unknown>> {
  const inside = <T extends { readonly projectId: string }>(items: readonly T[]) =>
    items.filter((item) => item.projectId === project.id);
  return {
    id: project.id,
    name: project.name,
    workspaceId: project.workspaceId,
    primaryEnvironmentId: project.primaryEnvironmentId,
    deletedAt: project.deletesAt,
    environments: (page: Page) =>
      connectionOf(inside(call.world().environments), page, call.pageMax, (item) => environmentView(call, item)),
    services: (page: Page) =>
      connectionOf(inside(call.world().services), page, call.pageMax, (item) => serviceView(call, item)),
    volumes: (page: Page) =>
      connectionOf(inside(call.world().volumes), page, call.pageMax, (item) => volumeView(call, item)),
  };
}

export function environmentView(call: Call, environment: Environment): Readonly<Record<string, unknown>> {
  const world = call.world();
  const open = () => {
    if (!reachesEnvironment(call.world(), call.caller, environment.id)) throw notAuthorized();
  };
  const source = world.environments.find((item) => item.id === environment.sourceEnvironmentId);
  return {
    ...environment,
    canAccess: reachesEnvironment(world, call.caller, environment.id),
    sourceEnvironment: source === undefined ? null : () => environmentView(call, source),
    config: () => {
      open();
      return { volumes: {}, services: {} };
    },
    // What a token cannot reach it sees as empty, not as an error: whoever forgets canAccess believes in an empty place.
    volumeInstances: (page: Page) =>
      connectionOf(
        reachesEnvironment(world, call.caller, environment.id)
          ? world.volumeInstances.filter((item) => item.environmentId === environment.id)
          : [],
        page,
        call.pageMax,
        (item) => instanceView(call, item),
      ),
    serviceInstances: (page: Page) =>
      connectionOf(
        world.services.filter((item) => item.environmentIds.includes(environment.id)),
        page,
        call.pageMax,
        (item) => serviceInstanceView(call, item, environment.id),
      ),
  };
}

export function serviceView(call: Call, service: Service): Readonly<Record<string, unknown>> {
  const project = call.world().projects.find((item) => item.id === service.projectId);
  return {
    id: service.id,
    name: service.name,
    projectId: service.projectId,
    project: () => (project === undefined ? null : projectView(call, project)),
  };
}

function serviceInstanceView(call: Call, service: Service, environmentId: string): Readonly<Record<string, unknown>> {
  return {
    id: `${environmentId.slice(0, 18)}${service.id.slice(18)}`,
    serviceId: service.id,
    serviceName: service.name,
    environmentId,
    domains: () => domainsView(call.world().domains, service.id, environmentId),
  };
}

export function domainsView(
  domains: readonly Domain[],
  serviceId: string,
  environmentId: string,
): Readonly<Record<string, unknown>> {
  const here = domains.filter((item) => item.serviceId === serviceId && item.environmentId === environmentId);
  return {
    customDomains: here.filter((item) => item.kind === 'custom'),
    serviceDomains: here.filter((item) => item.kind === 'service'),
  };
}

export function volumeView(call: Call, volume: Volume): Readonly<Record<string, unknown>> {
  const project = call.world().projects.find((item) => item.id === volume.projectId);
  return { ...volume, project: () => (project === undefined ? null : projectView(call, project)) };
}

export function instanceView(call: Call, instance: VolumeInstance): Readonly<Record<string, unknown>> {
  const world = call.world();
  const service = world.services.find((item) => item.id === instance.serviceId);
  const volume = world.volumes.find((item) => item.id === instance.volumeId);
  const environment = world.environments.find((item) => item.id === instance.environmentId);
  const { bookings: _rows, uploads: _files, backups: _archives, ...row } = instance;
  return {
    ...row,
    service: () => (service === undefined ? null : serviceView(call, service)),
    volume: () => (volume === undefined ? null : volumeView(call, volume)),
    environment: () => (environment === undefined ? null : environmentView(call, environment)),
  };
}

export function deploymentView(deployment: Deployment): Readonly<Record<string, unknown>> {
  return { ...deployment };
}
