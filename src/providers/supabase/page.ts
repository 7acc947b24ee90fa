// Supabase: management API and data plane. A project's deletion takes its backups along; the data plane belongs to the tenant.
// SQL in bodies is judged by the SQL reader, rows in PostgREST by postgrest.ts. Data only.

import { valueAt } from '../../classify/pages.ts';
import type { ProviderPage } from '../../classify/provider-page.ts';

export const supabase: ProviderPage = {
  name: 'supabase',
  hosts: ['api.supabase.com'],
  tenantHosts: ['*.supabase.co'],
  authSlots: [
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'apikey', scheme: null },
  ],
  tokens: [
    {
      kind: 'personal access token',
      pattern: 'sbp_[a-f0-9]{40}',
      needsContext: false,
      names: ['SUPABASE_ACCESS_TOKEN'],
      power: 'account-wide',
    },
    {
      kind: 'secret key',
      pattern: 'sb_secret_[A-Za-z0-9_-]{20,}',
      needsContext: false,
      names: ['SUPABASE_SECRET_KEY', 'SUPABASE_SERVICE_ROLE_KEY'],
      power: 'destroy',
    },
    {
      kind: 'service role JWT',
      pattern: 'eyJ[A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{20,}[.][A-Za-z0-9_-]{20,}',
      needsContext: true,
      names: ['SUPABASE_SERVICE_ROLE_KEY', 'SUPABASE_KEY'],
      power: 'destroy',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'DELETE', path: '/v1/projects/{ref}' },
      effect: 'destructive',
      scope: 'projects',
      because: 'Deletes the project, and its backups with it.',
      recovery: 'none',
      targets: { ref: 'project' },
    },
    {
      rest: { method: 'POST', path: '/v1/projects/{ref}/restore' },
      effect: 'write',
      scope: 'projects',
      because: 'Wakes a paused project.',
      targets: { ref: 'project' },
    },
    {
      rest: { method: 'POST', path: '/v1/branches/{id}/restore' },
      effect: 'write',
      scope: 'branches',
      because: 'Cancels the scheduled deletion of a branch.',
      targets: { id: 'branch' },
    },
    {
      rest: { method: 'POST', path: '/v1/projects/{ref}/database/backups/restore' },
      effect: 'destructive',
      scope: 'backups',
      because: 'Puts a backup in the place of the running database.',
      recovery: 'none',
      targets: { ref: 'project' },
    },
    {
      rest: { method: 'POST', path: '/v1/projects/{ref}/database/backups/restore-pitr' },
      effect: 'destructive',
      scope: 'backups',
      because: 'Puts an older state in the place of the running database.',
      recovery: 'none',
      targets: { ref: 'project' },
    },
    {
      rest: { method: 'GET', path: '/v1/projects' },
      effect: 'read',
      scope: 'projects',
      because: 'Lists all projects.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/v1/organizations' },
      effect: 'read',
      scope: 'organizations',
      because: 'Lists all organisations.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/v1/projects/{ref}/api-keys' },
      effect: 'read',
      scope: 'api-keys',
      because: 'Reveals keys when asked to; they are masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['*.api_key'],
      when: (args) => valueAt(args, 'reveal') === 'true',
    },
  ],
  docs: 'docs/providers/pages.md',
};
