// The fake's mutations that delete, commit or detach: reach is checked, then the world is replaced, then `true`.
// As at the provider nothing asks back, nothing says what went with it, and no answer differs by what was lost.
// Ordinary writes are in ordinary-mutations.ts.

import { notAuthorized, notFound, reachesVolume } from './access.ts';
import type { Call } from './call.ts';
import { found, needEnvironment, needProject, patchView } from './queries.ts';
import {
  commitPatch,
  deleteBackup,
  deleteEnvironment,
  deleteProject,
  deleteService,
  deleteVolume,
  softDeleteMs,
  stage,
  updateInstances,
} from './transition.ts';
import type { VolumeState } from './world.ts';

type Patch = Readonly<Record<string, unknown>>;

interface Id {
  readonly id: string;
}

interface VolumeInstanceUpdate {
  readonly volumeId: string;
  readonly environmentId?: string | null;
  readonly input: {
    readonly serviceId?: string | null;
    readonly mountPath?: string | null;
    readonly state?: VolumeState | null;
  };
}

export function needVolume(call: Call, volumeId: string): void {
  if (call.caller.kind === 'nobody') throw notAuthorized();
  if (!call.world().volumes.some((item) => item.id === volumeId)) throw notFound('Volume');
  if (!reachesVolume(call.world(), call.caller, volumeId)) throw notAuthorized();
}

function volumeMutations(call: Call) {
  return {
    volumeDelete: ({ volumeId }: { readonly volumeId: string }) => {
      needVolume(call, volumeId);
      call.change(deleteVolume(call.world(), volumeId, call.atMs));
      return true;
    },
    volumeInstanceUpdate: ({ volumeId, environmentId, input }: VolumeInstanceUpdate) => {
      if (environmentId) needEnvironment(call, environmentId);
      else needVolume(call, volumeId);
      const change = {
        volumeId,
        environmentId: environmentId ?? null,
        ...(input.serviceId === undefined ? {} : { serviceId: input.serviceId }),
        ...(input.mountPath ? { mountPath: input.mountPath } : {}),
        ...(input.state ? { state: input.state } : {}),
      };
      call.change(updateInstances(call.world(), change, call.atMs));
      return true;
    },
    volumeInstanceBackupDelete: (args: {
      readonly volumeInstanceId: string;
      readonly volumeInstanceBackupId: string;
    }) => {
      const instance = found(call.world().volumeInstances, args.volumeInstanceId, 'VolumeInstance');
      needEnvironment(call, instance.environmentId);
      found(instance.backups, args.volumeInstanceBackupId, 'Backup');
      call.change(deleteBackup(call.world(), instance.id, args.volumeInstanceBackupId));
      return { workflowId: `deleteVolumeBackup-${call.newId()}` };
    },
  };
}

function environmentMutations(call: Call) {
  const commit = (environmentId: string, patch: Patch) => {
    call.change(stage(commitPatch(call.world(), environmentId, patch, call.atMs), environmentId, {}));
    return `commit-${call.newId()}`;
  };
  return {
    environmentDelete: ({ id }: Id) => {
      needEnvironment(call, id);
      call.change(deleteEnvironment(call.world(), id, call.atMs));
      return true;
    },
    environmentStageChanges: (args: {
      readonly environmentId: string;
      readonly input: Patch;
      readonly merge?: boolean | null;
    }) => {
      needEnvironment(call, args.environmentId);
      const before = found(call.world().environments, args.environmentId, 'Environment').staged;
      const staged = args.merge === true ? { ...before, ...args.input } : args.input;
      call.change(stage(call.world(), args.environmentId, staged));
      return patchView(call, args.environmentId);
    },
    environmentPatchCommit: (args: { readonly environmentId: string; readonly patch?: Patch | null }) => {
      needEnvironment(call, args.environmentId);
      return commit(args.environmentId, args.patch ?? {});
    },
    environmentPatchCommitStaged: ({ environmentId }: { readonly environmentId: string }) => {
      needEnvironment(call, environmentId);
      return commit(environmentId, found(call.world().environments, environmentId, 'Environment').staged);
    },
  };
}

function projectMutations(call: Call) {
  const schedule = (id: string, deletesAt: string | null) => {
    needProject(call, id);
    const projects = call.world().projects.map((item) => (item.id === id ? { ...item, deletesAt } : item));
    call.change({ ...call.world(), projects });
    return true;
  };
  const drop = ({ id }: Id) => {
    // A project token belongs to one environment; the project is above it.
    if (call.caller.kind === 'project') throw notAuthorized();
    needProject(call, id);
    call.change(deleteProject(call.world(), id, call.atMs));
    return true;
  };
  return {
    projectDelete: drop,
    projectScheduleDeleteForce: drop,
    projectScheduleDelete: ({ id }: Id) => schedule(id, new Date(call.atMs + softDeleteMs).toISOString()),
    projectScheduleDeleteCancel: ({ id }: Id) => schedule(id, null),
    serviceDelete: ({ id, environmentId }: Id & { readonly environmentId?: string | null }) => {
      if (environmentId) needEnvironment(call, environmentId);
      else if (call.caller.kind === 'project') throw notAuthorized();
      else needProject(call, found(call.world().services, id, 'Service').projectId);
      call.change(deleteService(call.world(), id, environmentId ?? null));
      return true;
    },
  };
}

export function deletingMutationsOf(call: Call) {
  return { ...volumeMutations(call), ...environmentMutations(call), ...projectMutations(call) };
}
