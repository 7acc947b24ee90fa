// The fake's queries. Everything asks the caller's reach first; `me` is the account's alone and `projectToken` the
// project token's alone, because telling tokens apart is what these three little queries are used for.

import { notAuthorized, notFound, reachesEnvironment, reachesProject } from './access.ts';
import type { Call } from './call.ts';
import { connectionOf, type Page } from './connection.ts';
import { deploymentView, domainsView, environmentView, instanceView, projectView, serviceView } from './views.ts';

interface Id {
  readonly id: string;
}

interface Where {
  readonly projectId: string;
  readonly environmentId: string;
  readonly serviceId?: string | null;
}

export function found<T extends Id>(items: readonly T[], id: string, what: string): T {
  const item = items.find((each) => each.id === id);
  if (item === undefined) throw notFound(what);
  return item;
}

export function needProject(call: Call, projectId: string): void {
  if (!reachesProject(call.world(), call.caller, projectId)) throw notAuthorized();
}

export function needEnvironment(call: Call, environmentId: string): void {
  if (!reachesEnvironment(call.world(), call.caller, environmentId)) throw notAuthorized();
}

export function needAccount(call: Call): void {
  if (call.caller.kind !== 'account') throw notAuthorized();
}

function aboutToken(call: Call) {
  const workspaces = () => {
    const { caller } = call;
    if (caller.kind === 'account') return call.world().workspaces;
    if (caller.kind !== 'workspace') throw notAuthorized();
    return call.world().workspaces.filter((item) => item.id === caller.workspaceId);
  };
  return {
    me: () => {
      needAccount(call);
      return { ...call.world().user, workspaces: call.world().workspaces };
    },
    apiToken: () => ({ workspaces: workspaces() }),
    projectToken: () => {
      const { caller } = call;
      if (caller.kind !== 'project') throw notAuthorized();
      const project = found(call.world().projects, caller.projectId, 'Project');
      const environment = found(call.world().environments, caller.environmentId, 'Environment');
      return {
        projectId: project.id,
        environmentId: environment.id,
        project: () => projectView(call, project),
        environment: () => environmentView(call, environment),
      };
    },
  };
}

function lists(call: Call) {
  return {
    projects: (args: Page & { readonly workspaceId?: string | null }) => {
      const { caller } = call;
      if (caller.kind === 'nobody' || caller.kind === 'project') throw notAuthorized();
      const mine = call.world().projects.filter((item) => reachesProject(call.world(), caller, item.id));
      const wanted = mine.filter((item) => (args.workspaceId ?? item.workspaceId) === item.workspaceId);
      return connectionOf(wanted, args, call.pageMax, (item) => projectView(call, item));
    },
    deployments: (args: Page & { readonly input: Partial<Where> }) => {
      const { input } = args;
      if (input.environmentId) needEnvironment(call, input.environmentId);
      else needProject(call, input.projectId ?? '');
      const wanted = call
        .world()
        .deployments.filter(
          (item) =>
            (input.environmentId ?? item.environmentId) === item.environmentId &&
            (input.projectId ?? item.projectId) === item.projectId &&
            (input.serviceId ?? item.serviceId) === item.serviceId,
        );
      return connectionOf(wanted, args, call.pageMax, deploymentView);
    },
    variables: (args: Where) => {
      needEnvironment(call, args.environmentId);
      const wanted = call
        .world()
        .variables.filter(
          (item) => item.environmentId === args.environmentId && item.serviceId === (args.serviceId ?? null),
        );
      return Object.fromEntries(wanted.map((item) => [item.name, item.value]));
    },
    domains: (args: Where) => {
      needEnvironment(call, args.environmentId);
      return domainsView(call.world().domains, args.serviceId ?? '', args.environmentId);
    },
    volumeInstanceBackupList: (args: { readonly volumeInstanceId: string }) => {
      const instance = found(call.world().volumeInstances, args.volumeInstanceId, 'VolumeInstance');
      needEnvironment(call, instance.environmentId);
      return instance.backups;
    },
  };
}

export function queriesOf(call: Call) {
  return {
    ...aboutToken(call),
    ...lists(call),
    project: ({ id }: Id) => {
      needProject(call, id);
      return projectView(call, found(call.world().projects, id, 'Project'));
    },
    environment: ({ id }: Id) => {
      needEnvironment(call, id);
      return environmentView(call, found(call.world().environments, id, 'Environment'));
    },
    service: ({ id }: Id) => {
      const service = found(call.world().services, id, 'Service');
      needProject(call, service.projectId);
      return serviceView(call, service);
    },
    deployment: ({ id }: Id) => {
      const deployment = found(call.world().deployments, id, 'Deployment');
      needEnvironment(call, deployment.environmentId);
      return deploymentView(deployment);
    },
    volumeInstance: ({ id }: Id) => {
      const instance = found(call.world().volumeInstances, id, 'VolumeInstance');
      needEnvironment(call, instance.environmentId);
      return instanceView(call, instance);
    },
    environmentStagedChanges: ({ environmentId }: { readonly environmentId: string }) => {
      needEnvironment(call, environmentId);
      return patchView(call, environmentId);
    },
  };
}

export function patchView(call: Call, environmentId: string): Readonly<Record<string, unknown>> {
  const environment = found(call.world().environments, environmentId, 'Environment');
  return { id: environmentId, environmentId, status: 'STAGED', patch: () => environment.staged };
}
