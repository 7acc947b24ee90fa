// Names and their verdicts: verbs of destruction, the traps among settings and jobs, rescues, scopes.

import { describe, expect, it } from 'vitest';
import { judgeName, wordsOf } from './lexicon.ts';
import { rescues } from './rescue.ts';
import { isId, plural, scopeOfName, scopeOfPath, singular } from './scope.ts';

describe('judgeName', () => {
  it.each<[string, string | null]>([
    ['volumeDelete', 'destructive'],
    ['deleteApp', 'destructive'],
    ['issueDelete', 'destructive'],
    ['BatchDeleteImage', 'destructive'],
    ['destroy_with_associated_resources', 'destructive'],
    ['orderCancel', 'destructive'],
    ['cancelSubscription', 'write'],
    ['cancel_run', 'write'],
    ['mergePullRequest', 'write'],
    ['customerMerge', 'destructive'],
    ['removeStar', 'write'],
    ['removeMachine', 'destructive'],
    ['updateMembersCanDeleteRepositories', 'write'],
    ['createDeleteJob', 'write'],
    ['listDeletedItems', 'read'],
    ['ScheduleKeyDeletion', 'destructive'],
    ['frobnicate', null],
    ['', null],
  ])('%s -> %s', (name, effect) => {
    expect(judgeName(name)?.effect ?? null).toBe(effect);
  });
});

describe('rescues', () => {
  it.each<[string, boolean]>([
    ['undelete', true],
    ['projectScheduleDeleteCancel', true],
    ['CancelKeyDeletion', true],
    ['RestoreSecret', true],
    ['RestoreDBInstanceFromDBSnapshot', true],
    ['RestoreTableToPointInTime', true],
    ['unarchiveRepository', true],
    ['volumeInstanceBackupCreate', true],
    ['enable_backups', true],
    ['restore', false],
    ['volumeInstanceBackupRestore', false],
    ['deleteBackup', false],
    ['cancelBackups', false],
    ['createBackupAndDeleteVolume', false],
    ['undeleteThenDropTheWholeDatabaseNow', false],
  ])('%s -> %s', (name, rescue) => {
    expect(rescues(name)).toBe(rescue);
  });
});

describe('scopes', () => {
  it.each<[string, string]>([
    ['/v2/volumes/506f78a4/snapshots', 'snapshots'],
    ['/v2/droplets/3164444/actions', 'droplets'],
    ['/v1/projects/p1234/policy', 'policies'],
    ['/2013-04-01/12345', 'other'],
    ['/', 'other'],
  ])('%s -> %s', (path, scope) => {
    expect(scopeOfPath(path.split('/').filter(Boolean))).toBe(scope);
  });

  it('makes nouns of names and numbers of nouns', () => {
    expect([scopeOfName('volumeDelete'), scopeOfName('deleteApp'), scopeOfName('delete')]).toEqual([
      'volumes',
      'apps',
      'other',
    ]);
    expect([plural('policy'), plural('alias'), plural('logs'), singular('policies'), singular('volumes')]).toEqual([
      'policies',
      'aliases',
      'logs',
      'policy',
      'volume',
    ]);
    expect(wordsOf('DBInstance_snapshot-id')).toEqual(['db', 'instance', 'snapshot', 'id']);
    expect(['v2', '3164444', 'br-aged-sun-a5b6c7d8', 'volumes', 'oauth2'].map(isId)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
