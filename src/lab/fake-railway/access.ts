// Who calls the fake and how far the token reaches. Railway's tokens carry a reach and no operation scopes, so there is
// one question only: does this thing lie within it? A "no" is GraphQL's, never HTTP's: 200 and "Not Authorized".

import { GraphQLError } from 'graphql';
import type { TokenReach, World } from './world.ts';

export type Caller = TokenReach | { readonly kind: 'nobody' };

export interface PresentedTokens {
  /** Value after `Bearer`, or null. */
  readonly bearer: string | null;
  /** `Project-Access-Token`, or null. */
  readonly project: string | null;
}

/** A project token is read from its own header only; as a bearer it is nobody, which is the classic mismatch. */
export function callerOf(world: World, presented: PresentedTokens): Caller {
  const find = (secret: string | null, project: boolean) =>
    secret === null
      ? undefined
      : world.tokens.find((token) => token.secret === secret && (token.reach.kind === 'project') === project);
  return (find(presented.project, true) ?? find(presented.bearer, false))?.reach ?? { kind: 'nobody' };
}

export function notAuthorized(): GraphQLError {
  return new GraphQLError('Not Authorized', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}

export function notFound(what: string): GraphQLError {
  return new GraphQLError(`${what} not found`, { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}

export function reachesProject(world: World, caller: Caller, projectId: string): boolean {
  switch (caller.kind) {
    case 'account':
      return true;
    case 'workspace':
      return world.projects.some((item) => item.id === projectId && item.workspaceId === caller.workspaceId);
    case 'project':
      return caller.projectId === projectId;
    case 'nobody':
      return false;
  }
}

export function reachesEnvironment(world: World, caller: Caller, environmentId: string): boolean {
  const environment = world.environments.find((item) => item.id === environmentId);
  if (environment === undefined) return false;
  if (caller.kind === 'project') return caller.environmentId === environmentId;
  // A restricted environment is closed to all but the account itself, as roles do it at the provider.
  if (environment.restricted && caller.kind !== 'account') return false;
  return reachesProject(world, caller, environment.projectId);
}

/** A volume belongs to the project: a token of one environment reaches it only if it lies nowhere else. */
export function reachesVolume(world: World, caller: Caller, volumeId: string): boolean {
  const volume = world.volumes.find((item) => item.id === volumeId);
  if (volume === undefined) return false;
  if (caller.kind !== 'project') return reachesProject(world, caller, volume.projectId);
  const instances = world.volumeInstances.filter((item) => item.volumeId === volumeId);
  return instances.length > 0 && instances.every((item) => reachesEnvironment(world, caller, item.environmentId));
}
