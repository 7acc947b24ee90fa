// Amazon Web Services: key shapes and the calls with an undo of their own (a final snapshot, a recovery window).
// Actions are judged by their name in aws.ts, S3 in s3.ts. Requests are signed, so the signature is made anew at send. Data only.

import { valueAt } from '../../classify/pages.ts';
import type { ProviderPage } from '../../classify/provider-page.ts';

const asking = /^(ls|cat|df|du|ps|uptime|hostname|whoami|id|date|free|uname|pwd)\b[^;&|<>`$\n]*$/;

/** No command line at all, or only such as ask a machine how it is. */
function asksOnly(commands: unknown): boolean {
  return !Array.isArray(commands) || commands.every((line) => typeof line === 'string' && asking.test(line));
}

export const aws: ProviderPage = {
  name: 'aws',
  hosts: ['*.amazonaws.com', '*.amazonaws.com.cn', '*.api.aws'],
  tenantHosts: ['*.lambda-url.us-east-1.on.aws'],
  authSlots: [
    { header: 'authorization', scheme: 'AWS4-HMAC-SHA256' },
    { header: 'x-amz-security-token', scheme: null },
  ],
  tokens: [
    {
      kind: 'access key id',
      pattern: 'AKIA[A-Z2-7]{16}',
      needsContext: false,
      names: ['AWS_ACCESS_KEY_ID'],
      power: 'unknown',
    },
    {
      kind: 'temporary access key id',
      pattern: 'ASIA[A-Z2-7]{16}',
      needsContext: false,
      names: ['AWS_ACCESS_KEY_ID'],
      power: 'unknown',
    },
    {
      kind: 'secret access key',
      pattern: '[A-Za-z0-9/+]{40}',
      needsContext: true,
      names: ['AWS_SECRET_ACCESS_KEY'],
      power: 'unknown',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      action: { service: '*', name: 'ScheduleKeyDeletion' },
      effect: 'destructive',
      scope: 'keys',
      because: 'All data under the key is lost when the window ends.',
      recovery: 'window',
      undo: '7 to 30 days, by CancelKeyDeletion',
      targets: { KeyId: 'key' },
    },
    {
      action: { service: '*', name: 'DeleteSecret' },
      effect: 'destructive',
      scope: 'secrets',
      because: 'Deletes the secret at once.',
      when: (args) => valueAt(args, 'ForceDeleteWithoutRecovery') === true,
      recovery: 'none',
      bypass: ['ForceDeleteWithoutRecovery'],
      targets: { SecretId: 'secret' },
      examples: { matches: [{ ForceDeleteWithoutRecovery: true }], differs: [{ RecoveryWindowInDays: 30 }] },
    },
    {
      action: { service: '*', name: 'DeleteSecret' },
      effect: 'destructive',
      scope: 'secrets',
      because: 'Deletes the secret after a window.',
      recovery: 'window',
      undo: '7 to 30 days, by RestoreSecret',
      targets: { SecretId: 'secret' },
    },
    {
      action: { service: '*', name: 'DeleteDBInstance' },
      effect: 'destructive',
      scope: 'databases',
      because: 'Deletes the database; a final snapshot is taken.',
      when: (args) =>
        typeof valueAt(args, 'FinalDBSnapshotIdentifier') === 'string' &&
        String(valueAt(args, 'SkipFinalSnapshot')) !== 'true',
      recovery: 'recreate',
      targets: { DBInstanceIdentifier: 'database' },
      examples: {
        matches: [{ FinalDBSnapshotIdentifier: 'last' }],
        differs: [{ SkipFinalSnapshot: 'true' }, {}],
      },
    },
    {
      action: { service: '*', name: 'DeleteDBInstance' },
      effect: 'destructive',
      scope: 'databases',
      because: 'Deletes the database without a final snapshot.',
      recovery: 'none',
      bypass: ['SkipFinalSnapshot', 'DeleteAutomatedBackups'],
      targets: { DBInstanceIdentifier: 'database' },
    },
    {
      action: { service: '*', name: 'GetSecretValue' },
      effect: 'read',
      scope: 'secrets',
      because: 'Reveals a secret; it is masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['SecretString', 'SecretBinary'],
    },
    {
      action: { service: '*', name: 'BatchGetSecretValue' },
      effect: 'read',
      scope: 'secrets',
      because: 'Reveals secrets; they are masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['SecretValues.SecretString', 'SecretValues.SecretBinary'],
    },
    {
      action: { service: '*', name: 'GetParameter' },
      effect: 'read',
      scope: 'parameters',
      because: 'May reveal a secret; its value is masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['Parameter.Value'],
    },
    {
      action: { service: '*', name: 'GetParameters' },
      effect: 'read',
      scope: 'parameters',
      because: 'May reveal secrets; values are masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['Parameters.Value'],
    },
    {
      action: { service: '*', name: 'GetParametersByPath' },
      effect: 'read',
      scope: 'parameters',
      because: 'May reveal secrets; values are masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['Parameters.Value'],
    },
    {
      action: { service: '*', name: 'RestoreVolumeFromSnapshot' },
      effect: 'destructive',
      scope: 'volumes',
      because: 'FSx takes the volume itself back to the snapshot; what was written since is gone.',
      recovery: 'none',
      targets: { VolumeId: 'volume' },
    },
    {
      action: { service: 'directoryservice', name: 'RestoreFromSnapshot' },
      effect: 'destructive',
      scope: 'directories',
      because: 'Takes the directory itself back to the snapshot.',
      recovery: 'none',
    },
    {
      rest: { method: 'PUT', path: '/restore-jobs' },
      effect: 'write',
      scope: 'backups',
      because: 'AWS Backup restores into a new resource.',
    },
    {
      action: { service: '*', name: 'UpdateTimeToLive' },
      effect: 'destructive',
      scope: 'tables',
      because: 'Items whose time has passed are deleted from now on.',
      aspects: ['removes-protection'],
      when: (args) => valueAt(args, 'TimeToLiveSpecification.Enabled') !== false,
      recovery: 'none',
      targets: { TableName: 'table' },
      examples: {
        matches: [{ TimeToLiveSpecification: { Enabled: true } }, {}],
        differs: [{ TimeToLiveSpecification: { Enabled: false } }],
      },
    },
    {
      action: { service: '*', name: 'DisableAddOn' },
      effect: 'destructive',
      scope: 'instances',
      because: 'Switches automatic snapshots off.',
      aspects: ['removes-protection'],
      when: (args) => valueAt(args, 'addOnType') === 'AutoSnapshot',
      examples: { matches: [{ addOnType: 'AutoSnapshot' }], differs: [{ addOnType: 'StopInstanceOnIdle' }] },
    },
    {
      action: { service: '*', name: 'SendCommand' },
      effect: 'destructive',
      scope: 'instances',
      because: 'Runs a command line that is not read here.',
      aspects: ['runs-code'],
      when: (args) => !asksOnly(valueAt(args, 'Parameters.commands')),
      examples: {
        matches: [{ Parameters: { commands: ['rm -r /data'] } }],
        differs: [{ Parameters: { commands: ['uptime', 'df -h'] } }, {}],
      },
    },
    {
      action: { service: '*', name: 'GetCallerIdentity' },
      effect: 'read',
      scope: 'account',
      because: 'Says whose key it is.',
      account: true,
    },
  ],
  docs: 'docs/providers/pages.md',
};
