// The fake's everyday mutations: variables, deployments, domains, new environments and tokens, backups.
// What deletes volumes, environments or projects is in mutations.ts. Same rule: reach first, then the world changes.

import { notAuthorized } from './access.ts';
import type { Call } from './call.ts';
import { needVolume } from './mutations.ts';
import { found, needAccount, needEnvironment, needProject } from './queries.ts';
import { addBackup, addEnvironment, addVolume } from './transition.ts';
import { deploymentView, environmentView, volumeView } from './views.ts';
import type { Deployment, TokenReach, Variable } from './world.ts';

interface Id {
  readonly id: string;
}

interface Place {
  readonly projectId: string;
  readonly environmentId: string;
  readonly serviceId?: string | null;
}

function variableMutations(call: Call) {
  const replace = (place: Place, keep: (item: Variable) => boolean, added: Readonly<Record<string, string>>) => {
    needEnvironment(call, place.environmentId);
    const { environmentId } = place;
    const serviceId = place.serviceId ?? null;
    const there = (item: Variable) => item.environmentId === environmentId && item.serviceId === serviceId;
    const left = call.world().variables.filter((item) => !there(item) || (keep(item) && !(item.name in added)));
    const fresh = Object.entries(added).map(([name, value]) => ({ environmentId, serviceId, name, value }));
    call.change({ ...call.world(), variables: [...left, ...fresh] });
    return true;
  };
  return {
    variableUpsert: ({ input }: { readonly input: Place & { readonly name: string; readonly value: string } }) =>
      replace(input, () => true, { [input.name]: input.value }),
    variableDelete: ({ input }: { readonly input: Place & { readonly name: string } }) =>
      replace(input, (item) => item.name !== input.name, {}),
    variableCollectionUpsert: (args: {
      readonly input: Place & {
        readonly variables: Readonly<Record<string, string>>;
        readonly replace?: boolean | null;
      };
    }) => replace(args.input, () => args.input.replace !== true, args.input.variables),
  };
}

function deploymentMutations(call: Call) {
  const own = (id: string): Deployment => {
    const deployment = found(call.world().deployments, id, 'Deployment');
    needEnvironment(call, deployment.environmentId);
    return deployment;
  };
  const mark = (id: string, status: Deployment['status']) => {
    own(id);
    const deployments = call.world().deployments.map((item) => (item.id === id ? { ...item, status } : item));
    call.change({ ...call.world(), deployments });
    return true;
  };
  return {
    deploymentRemove: ({ id }: Id) => mark(id, 'REMOVED'),
    deploymentStop: ({ id }: Id) => mark(id, 'STOPPED'),
    deploymentRedeploy: ({ id }: Id) => {
      const createdAt = new Date(call.atMs).toISOString();
      const next: Deployment = { ...own(id), id: call.newId(), status: 'SUCCESS', createdAt };
      call.change({ ...call.world(), deployments: [...call.world().deployments, next] });
      return deploymentView(next);
    },
  };
}

function domainMutations(call: Call) {
  const drop = ({ id }: Id) => {
    needEnvironment(call, found(call.world().domains, id, 'Domain').environmentId);
    call.change({ ...call.world(), domains: call.world().domains.filter((item) => item.id !== id) });
    return true;
  };
  return {
    customDomainDelete: drop,
    serviceDomainDelete: drop,
    customDomainCreate: ({
      input,
    }: {
      readonly input: Place & { readonly serviceId: string; readonly domain: string };
    }) => {
      needEnvironment(call, input.environmentId);
      const { environmentId, serviceId, domain } = input;
      const created = { id: call.newId(), kind: 'custom' as const, domain, serviceId, environmentId };
      call.change({ ...call.world(), domains: [...call.world().domains, created] });
      return created;
    },
  };
}

function tokenMutations(call: Call) {
  const mint = (name: string, reach: TokenReach) => {
    const secret = call.newId();
    call.change({ ...call.world(), tokens: [...call.world().tokens, { secret, name, reach }] });
    return secret;
  };
  return {
    apiTokenCreate: ({
      input,
    }: {
      readonly input: { readonly name: string; readonly workspaceId?: string | null };
    }) => {
      needAccount(call);
      const { workspaceId } = input;
      return mint(input.name, workspaceId ? { kind: 'workspace', workspaceId } : { kind: 'account' });
    },
    projectTokenCreate: ({ input }: { readonly input: Place & { readonly name: string } }) => {
      needEnvironment(call, input.environmentId);
      const { projectId, environmentId } = input;
      return mint(input.name, { kind: 'project', projectId, environmentId });
    },
  };
}

function growthMutations(call: Call) {
  return {
    environmentCreate: (args: {
      readonly input: {
        readonly projectId: string;
        readonly name: string;
        readonly sourceEnvironmentId?: string | null;
        readonly ephemeral?: boolean | null;
      };
    }) => {
      const { projectId, name, sourceEnvironmentId, ephemeral } = args.input;
      if (call.caller.kind === 'project') throw notAuthorized();
      needProject(call, projectId);
      const created = {
        id: call.newId(),
        projectId,
        name,
        isEphemeral: ephemeral ?? false,
        sourceEnvironmentId: sourceEnvironmentId ?? null,
        createdAt: new Date(call.atMs).toISOString(),
        restricted: false,
        staged: {},
      };
      call.change(addEnvironment(call.world(), created, () => call.newId()));
      return environmentView(call, created);
    },
    volumeUpdate: (args: { readonly volumeId: string; readonly input: { readonly name?: string | null } }) => {
      needVolume(call, args.volumeId);
      const volumes = call
        .world()
        .volumes.map((item) => (item.id === args.volumeId ? { ...item, name: args.input.name ?? item.name } : item));
      call.change({ ...call.world(), volumes });
      return volumeView(call, found(volumes, args.volumeId, 'Volume'));
    },
    volumeCreate: (args: { readonly input: Place & { readonly mountPath: string } }) => {
      const { projectId, environmentId, mountPath } = args.input;
      if (environmentId) needEnvironment(call, environmentId);
      else needProject(call, projectId);
      const createdAt = new Date(call.atMs).toISOString();
      const volume = { id: call.newId(), projectId, name: `${mountPath.slice(1)}-volume`, createdAt, restId: null };
      const reached = call
        .world()
        .environments.filter((item) => item.projectId === projectId && (environmentId ?? item.id) === item.id);
      const instances = reached.map((environment) => ({
        id: call.newId(),
        volumeId: volume.id,
        environmentId: environment.id,
        serviceId: args.input.serviceId ?? null,
        mountPath,
        state: 'READY' as const,
        sizeMB: 5_000,
        currentSizeMB: 0,
        createdAt,
        isPendingDeletion: false,
        deletedAt: null,
        bookings: [],
        uploads: [],
        backups: [],
      }));
      call.change(addVolume(call.world(), volume, instances));
      return volumeView(call, volume);
    },
  };
}

function backupMutations(call: Call) {
  const own = (id: string) => {
    const instance = found(call.world().volumeInstances, id, 'VolumeInstance');
    needEnvironment(call, instance.environmentId);
    return instance;
  };
  return {
    volumeInstanceBackupCreate: (args: { readonly volumeInstanceId: string; readonly name?: string | null }) => {
      const instance = own(args.volumeInstanceId);
      const createdAt = new Date(call.atMs).toISOString();
      const usedMB = Math.floor(instance.currentSizeMB / 10);
      const name = args.name ?? `${createdAt.slice(0, 10)}.tar.gz`;
      const backup = { id: call.newId(), name, createdAt, expiresAt: null, usedMB, referencedMB: usedMB };
      call.change(addBackup(call.world(), instance.id, backup));
      return { workflowId: `createVolumeBackup-${call.newId()}` };
    },
    volumeInstanceBackupLock: (args: {
      readonly volumeInstanceId: string;
      readonly volumeInstanceBackupId: string;
    }) => {
      found(own(args.volumeInstanceId).backups, args.volumeInstanceBackupId, 'Backup');
      return true;
    },
  };
}

export function ordinaryMutationsOf(call: Call) {
  return {
    ...variableMutations(call),
    ...deploymentMutations(call),
    ...domainMutations(call),
    ...tokenMutations(call),
    ...growthMutations(call),
    ...backupMutations(call),
  };
}
