// Railway's operations that destroy: those that say so, and those that do not (a patch, a replace, an empty schedule).
// Undo is per call: the provider's 48 h for volumes is an e-mailed link that no API gives, so it stays unknown.

import { valueAt } from '../../classify/pages.ts';
import type { OperationRule } from '../../classify/provider-page.ts';

type Facts = Partial<Omit<OperationRule, 'graphql' | 'rest' | 'effect' | 'because'>> & { readonly scope: string };

const destroys = (field: string, because: string, facts: Facts): OperationRule => ({
  graphql: { on: 'mutation', field },
  effect: 'destructive',
  because,
  ...facts,
});

const wholePatch = (args: unknown): unknown =>
  valueAt(args, 'patch') ?? valueAt(args, 'payload') ?? valueAt(args, 'input') ?? args;

/** True if anything in a patch is marked deleted, or a member is null: the patch is an untyped scalar. */
export function patchDeletes(patch: unknown, depth = 0): boolean {
  if (depth > 20) return true;
  if (Array.isArray(patch)) return patch.some((each) => patchDeletes(each, depth + 1));
  if (typeof patch !== 'object' || patch === null) return false;
  return Object.entries(patch).some(
    ([name, value]: [string, unknown]) =>
      (/^(isDeleted|isRemoved|deleted|delete)$/i.test(name) && value !== false && value !== null) ||
      value === null ||
      patchDeletes(value, depth + 1),
  );
}

/** A patch that is not in the request (a variable left out, a text) cannot be judged: it deletes. */
const patches = (args: unknown): boolean => {
  const patch = wholePatch(args);
  return typeof patch !== 'object' || patch === null || patchDeletes(patch);
};

const undo48 = '48 h, by a link that is e-mailed to the account; no API call undoes it';

export const railwayDeletions: readonly OperationRule[] = [
  destroys(
    'volumeDelete',
    'Deletes the volume in every environment, with the backups inside it; it takes no environment.',
    {
      scope: 'volumes',
      recovery: 'unknown',
      targets: { volumeId: 'volume' },
      undo: undo48,
      examples: { matches: [{ volumeId: '2f9b' }, {}], differs: [] },
    },
  ),
  {
    rest: { method: 'DELETE', path: '/v2/volumes/{id}' },
    effect: 'destructive',
    scope: 'volumes',
    recovery: 'unknown',
    targets: { id: 'volume' },
    undo: undo48,
    because: 'Deletes the volume with the backups inside it (the form in which the incident is often retold).',
    examples: { matches: [{ id: 'vol_prod_abc123' }], differs: [] },
  },
  destroys('environmentDelete', 'Deletes an environment with its services, volumes and variables.', {
    scope: 'environments',
    recovery: 'unknown',
    targets: { id: 'environment' },
  }),
  destroys('serviceDelete', 'Deletes a service; without environmentId in every environment.', {
    scope: 'services',
    recovery: 'none',
    targets: { id: 'service', environmentId: 'environment' },
  }),
  destroys('projectDelete', 'Deletes the project at once; the provider says that it cannot be undone.', {
    scope: 'projects',
    recovery: 'none',
    targets: { id: 'project' },
  }),
  destroys('projectScheduleDelete', 'Deletes the project after a grace period of 48 h.', {
    scope: 'projects',
    recovery: 'window',
    targets: { id: 'project' },
    undo: '48 h, by projectScheduleDeleteCancel',
  }),
  destroys('projectScheduleDeleteForce', 'Deletes a scheduled project now and skips the grace period.', {
    scope: 'projects',
    recovery: 'none',
    targets: { id: 'project' },
    bypass: ['id'],
  }),
  destroys('workspaceDelete', 'Deletes a workspace with its projects.', {
    scope: 'workspaces',
    recovery: 'none',
    targets: { id: 'workspace' },
    account: true,
  }),
  destroys('userDelete', 'Deletes the account.', { scope: 'users', recovery: 'none', account: true }),
  destroys('deploymentRemove', 'Removes a deployment.', {
    scope: 'deployments',
    recovery: 'recreate',
    targets: { id: 'deployment' },
  }),
  destroys('deploymentRollback', 'Puts an older deployment in the place of the running one.', {
    scope: 'deployments',
    recovery: 'recreate',
    targets: { id: 'deployment' },
  }),
  destroys('customDomainDelete', 'Deletes a domain; traffic to it ends.', {
    scope: 'domains',
    recovery: 'recreate',
    targets: { id: 'custom-domain' },
  }),
  destroys('serviceDomainDelete', 'Deletes a generated domain; the name may go to somebody else.', {
    scope: 'domains',
    recovery: 'none',
    targets: { id: 'service-domain' },
  }),
  destroys('railwayDomainDnsRecordDelete', 'Deletes a DNS record.', { scope: 'domains', recovery: 'recreate' }),
  destroys('tcpProxyDelete', 'Deletes a TCP proxy; its port is given away.', {
    scope: 'tcp-proxies',
    recovery: 'none',
    targets: { id: 'tcp-proxy' },
  }),
  destroys('variableDelete', 'Deletes a variable; its value cannot be read back.', {
    scope: 'variables',
    recovery: 'none',
    targets: { 'input.environmentId': 'environment', 'input.serviceId': 'service' },
  }),
  destroys('volumeInstanceBackupDelete', 'Deletes a backup.', {
    scope: 'backups',
    recovery: 'none',
    aspects: ['removes-protection'],
    targets: { volumeInstanceId: 'volume-instance', volumeInstanceBackupId: 'backup' },
  }),
  destroys('volumeInstanceBackupBatchDelete', 'Deletes backups.', {
    scope: 'backups',
    recovery: 'none',
    aspects: ['removes-protection'],
    targets: { volumeInstanceId: 'volume-instance' },
  }),
  destroys('volumeInstanceUpdate', 'Detaches or deletes the disk; without environmentId in every environment.', {
    when: (args) => {
      const input = valueAt(args, 'input') ?? {};
      const state = valueAt(input, 'state');
      return (
        typeof input !== 'object' ||
        valueAt(input, 'serviceId') === null ||
        (state !== undefined && !['READY', 'UPDATING'].includes(String(state)))
      );
    },
    scope: 'volumes',
    recovery: 'unknown',
    targets: { volumeId: 'volume', environmentId: 'environment' },
    bypass: ['input.state'],
    examples: {
      matches: [
        { volumeId: 'v', input: { state: 'DELETED' } },
        { volumeId: 'v', input: { serviceId: null } },
      ],
      differs: [{ volumeId: 'v', input: { mountPath: '/data' } }],
    },
  }),
  ...['environmentPatchCommit', 'environmentStageChanges', 'environmentStageChangesRaw'].map((field) =>
    destroys(field, 'The patch marks services, volumes, buckets or variables as deleted, or cannot be seen.', {
      when: patches,
      scope: 'environments',
      recovery: 'none',
      targets: {
        environmentId: 'environment',
        'patch.volumes.*': 'volume',
        'patch.services.*': 'service',
        'patch.buckets.*': 'bucket',
      },
      examples: {
        matches: [{ environmentId: 'e', patch: { volumes: { v: { isDeleted: true } } } }, { environmentId: 'e' }],
        differs: [{ environmentId: 'e', patch: { services: { s: { deploy: { startCommand: 'node a.js' } } } } }],
      },
    }),
  ),
  destroys('environmentPatchCommitStaged', 'Applies what was staged before; the request does not show what that is.', {
    scope: 'environments',
    targets: { environmentId: 'environment' },
  }),
  destroys('environmentApplyChangeSet', 'Applies a change set; the request does not show what that is.', {
    scope: 'environments',
    targets: { environmentId: 'environment' },
  }),
  destroys('variableCollectionUpsert', 'Replaces all variables: each one that is not listed is lost.', {
    when: (args) => valueAt(args, 'input.replace') !== undefined && valueAt(args, 'input.replace') !== false,
    scope: 'variables',
    recovery: 'none',
    targets: { 'input.environmentId': 'environment', 'input.serviceId': 'service' },
    bypass: ['input.replace'],
    examples: {
      matches: [{ input: { replace: true, variables: { A: '1' } } }],
      differs: [{ input: { variables: { A: '1' } } }, { input: { replace: false, variables: {} } }],
    },
  }),
  destroys('volumeInstanceBackupScheduleUpdate', 'Ends the schedule of backups.', {
    when: (args) => {
      const kinds = valueAt(args, 'kinds');
      return !Array.isArray(kinds) || kinds.length === 0;
    },
    scope: 'backups',
    recovery: 'recreate',
    aspects: ['removes-protection'],
    targets: { volumeInstanceId: 'volume-instance' },
    examples: { matches: [{ kinds: [] }, {}], differs: [{ kinds: ['DAILY'] }] },
  }),
  destroys('volumeInstanceBackupRestore', 'Puts a backup in the place of what the volume holds now.', {
    scope: 'volumes',
    recovery: 'unknown',
    targets: { volumeInstanceId: 'volume-instance', volumeInstanceBackupId: 'backup' },
    bypass: ['wipeServiceIds'],
  }),
  ...[
    'projectTransfer',
    'projectTransferConfirm',
    'projectTransferInitiate',
    'projectTransferToTeam',
    'projectTransferToUser',
    'projectTransferToWorkspace',
  ].map((field) =>
    destroys(field, 'Hands the project to somebody else.', {
      scope: 'projects',
      recovery: 'none',
      targets: { projectId: 'project', 'input.projectId': 'project' },
      aspects: ['mints-access'],
    }),
  ),
  ...[
    ['apiTokenDelete', 'tokens', 'Deletes a token; what uses it stops.'],
    ['projectTokenDelete', 'tokens', 'Deletes a token; what uses it stops.'],
    ['deploymentTriggerDelete', 'deployment-triggers', 'Deletes a trigger of deployments.'],
    ['egressGatewayAssociationsClear', 'egress-gateways', 'Gives up the static addresses of a service.'],
    ['privateNetworkEndpointDelete', 'networks', 'Deletes a private endpoint.'],
    ['privateNetworksForEnvironmentDelete', 'networks', 'Deletes the private networks of an environment.'],
    ['pluginDelete', 'plugins', 'Deletes a plugin with its data.'],
    ['templateDelete', 'templates', 'Deletes a template.'],
    ['webhookDelete', 'webhooks', 'Deletes a webhook.'],
    ['sandboxDestroy', 'sandboxes', 'Destroys a sandbox with its files.'],
    ['sandboxCheckpointDelete', 'sandboxes', 'Deletes a checkpoint of a sandbox.'],
    ['bucketCredentialsReset', 'buckets', 'Makes the credentials of a bucket useless.'],
    ['projectMemberRemove', 'members', 'Removes a member of the project.'],
    ['projectLeave', 'members', 'Leaves the project.'],
    ['passkeyDelete', 'users', 'Deletes a passkey.'],
    ['integrationDelete', 'integrations', 'Deletes an integration.'],
    ['sshPublicKeyDelete', 'ssh-keys', 'Deletes an SSH key.'],
    ['sharedVariableConfigure', 'variables', 'Changes which services see a shared variable.'],
    ['serviceFeatureFlagRemove', 'services', 'Takes a feature flag off a service.'],
    ['disablePitrForHaCluster', 'backups', 'Ends point-in-time recovery.'],
    ['cloudAgentDelete', 'sandboxes', 'Deletes a cloud agent.'],
    ['providerAuthRemove', 'users', 'Removes a way to sign in.'],
    ['recoveryCodeGenerate', 'users', 'Makes the old recovery codes useless.'],
    ['twoFactorInfoCreate', 'users', 'Changes the second factor.'],
  ].map(([field = '', scope = 'other', because = '']) =>
    destroys(field, because, { scope, ...(scope === 'backups' ? { aspects: ['removes-protection'] as const } : {}) }),
  ),
];
