// One row per rule and per trap: what the body says, whether it is an alarm, and why.

import { expect, it } from 'vitest';
import { alarmsOf, type Situation } from './body-rules.ts';

const change = { creates: false, replaces: false, guards: false };
const creation = { ...change, creates: true };
const replacement = { ...change, replaces: true };

it.each<[unknown, Situation, boolean, string]>([
  [{ deletionProtection: false }, change, true, 'protection off'],
  [{ deletion_protection: true }, change, false, 'protection on'],
  [{ settings: { backupConfiguration: { enabled: false } } }, change, true, 'off below a name of safety'],
  [{ backups: false }, creation, false, 'a new thing without backups takes nothing away'],
  [{ config: { backup_hour: 0 } }, change, false, 'an hour is no switch'],
  [{ BackupRetentionPeriod: 0 }, change, true, 'retention of nothing'],
  [{ retentionInDays: 1 }, change, true, 'retention of a day'],
  [{ retentionInDays: 30 }, change, false, 'retention of a month'],
  [{ delete: false }, { ...change, guards: true }, true, 'the operation is about a guard'],
  [{ replicas: 0 }, change, true, 'scaled to zero'],
  [{ replicas: 3 }, change, false, 'scaled'],
  [{ minReplicas: 0 }, change, false, 'autoscaling may sleep'],
  [{ deletes: [{ id: 1 }] }, change, true, 'a list of deletions'],
  [{ deletes: [] }, change, false, 'an empty list of deletions'],
  [{ writes: [{ delete: 'users/1' }] }, change, true, 'a path to delete'],
  [{ type: 'rebuild' }, change, true, 'an action in a field'],
  [{ type: 'disable_backups' }, change, true, 'an action in a field'],
  [{ type: 'snapshot', name: 'before-rebuild' }, change, false, 'the word is a label'],
  [{ writeDisposition: 'WRITE_TRUNCATE' }, change, true, 'truncates'],
  [{ writeDisposition: 'WRITE_APPEND' }, change, false, 'appends'],
  [{ requests: [{ method: 'DELETE' }] }, change, true, 'a request inside'],
  [{ status: 'deleted' }, change, true, 'a state that means gone'],
  [{ title: 'delete everything' }, change, false, 'prose'],
  [{ force: true }, change, true, 'forced'],
  [{ force: false }, change, false, 'not forced'],
  [{ isDeleted: true }, change, true, 'marked deleted'],
  [{ delete_branch_on_merge: true }, change, false, 'a setting whose name says delete'],
  [{ DATABASE_URL: null }, change, true, 'a variable set to null'],
  [{ description: null }, change, false, 'an ordinary null'],
  [{ ingress: [] }, replacement, true, 'replaced with nothing'],
  [[], replacement, true, 'a whole list replaced with nothing'],
  [{ tags: [] }, change, false, 'not a replacement'],
  [{ allow_force_pushes: true }, change, true, 'a guard opened'],
  [{ deletion_allowed: true }, change, true, 'a guard opened'],
  [{ DeletionProtection: 'INACTIVE' }, change, true, 'off in another word'],
  [{ enforcement: 'disabled' }, change, true, 'a rule set that no longer applies'],
  [{ Attributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }] }, change, true, 'a setting named in a pair'],
  [{ Attributes: [{ Key: 'idle_timeout', Value: '0' }] }, change, false, 'a pair that is no safety net'],
  [{ Tags: [{ Key: 'BackupRetention', Value: '0' }] }, change, false, 'a tag is a label'],
  [{ metadata: { action: 'delete' } }, change, false, 'metadata is a label'],
  [{ Lifecycle: { DeleteAfterDays: 1 } }, change, true, 'gone after a day'],
  [{ 'auto-destroy-at': '2026-12-01T00:00:00Z' }, change, true, 'gone at a time'],
  [{ rules: [{ expiration: { age: 30 } }] }, { ...change, lifecycle: true }, true, 'a rule that will delete'],
  [{ rules: [{ expiration: { age: 30 } }] }, change, false, 'not about how long things live'],
])('%j %j -> %s (%s)', (body, situation, alarming, _because) => {
  expect(alarmsOf(body, situation).length > 0).toBe(alarming);
});

it('does not walk without end, and says so', () => {
  const many = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`k${at}`, at]));
  expect(alarmsOf(many, change)[0]?.because).toContain('more members');
});
