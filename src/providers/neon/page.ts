// Neon: a deleted project can be recovered for seven days, a branch too unless it is deleted hard. Restores overwrite a branch.
// SQL over HTTP (`/sql` on compute hosts) is judged by the SQL reader. Data only.

import { valueAt } from '../../classify/pages.ts';
import type { ProviderPage } from '../../classify/provider-page.ts';

export const neon: ProviderPage = {
  name: 'neon',
  hosts: ['console.neon.tech', 'api.neon.tech'],
  tenantHosts: ['*.neon.tech', '*.neon.build'],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'API key',
      pattern: 'napi_[a-z0-9]{40,}',
      needsContext: false,
      names: ['NEON_API_KEY'],
      power: 'account-wide',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'DELETE', path: '/api/v2/projects/{project_id}' },
      effect: 'destructive',
      scope: 'projects',
      because: 'Deletes a project with all branches.',
      recovery: 'window',
      undo: '7 days, by POST /projects/{id}/recover',
      targets: { project_id: 'project' },
    },
    {
      rest: { method: 'DELETE', path: '/api/v2/projects/{project_id}/branches/{branch_id}' },
      effect: 'destructive',
      scope: 'branches',
      because: 'Deletes a branch at once.',
      when: (args) => valueAt(args, 'hard_delete') === 'true',
      recovery: 'none',
      bypass: ['hard_delete'],
      targets: { branch_id: 'branch' },
    },
    {
      rest: { method: 'DELETE', path: '/api/v2/projects/{project_id}/branches/{branch_id}' },
      effect: 'destructive',
      scope: 'branches',
      because: 'Deletes a branch.',
      recovery: 'window',
      undo: '7 days',
      targets: { branch_id: 'branch' },
    },
    {
      rest: { method: 'POST', path: '/api/v2/projects/{project_id}/recover' },
      effect: 'write',
      scope: 'projects',
      because: 'Brings a deleted project back.',
      targets: { project_id: 'project' },
    },
    {
      rest: { method: 'POST', path: '/api/v2/projects/{project_id}/branches/{branch_id}/restore' },
      effect: 'destructive',
      scope: 'branches',
      because: 'Overwrites the branch; its old state stays under a new name.',
      when: (args) => typeof valueAt(args, 'preserve_under_name') === 'string',
      recovery: 'undo',
      targets: { branch_id: 'branch' },
    },
    {
      rest: { method: 'POST', path: '/api/v2/projects/{project_id}/branches/{branch_id}/restore' },
      effect: 'destructive',
      scope: 'branches',
      because: 'Overwrites the branch.',
      recovery: 'unknown',
      targets: { branch_id: 'branch' },
    },
    {
      rest: { method: 'POST', path: '/api/v2/projects/{project_id}/branches/{branch_id}/finalize_restore' },
      effect: 'destructive',
      scope: 'branches',
      because: 'Swaps the branch for the restored one.',
      recovery: 'unknown',
      targets: { branch_id: 'branch' },
    },
    {
      rest: { method: 'PATCH', path: '/api/v2/projects/{project_id}/branches/{branch_id}' },
      effect: 'destructive',
      scope: 'branches',
      because: 'Sets a time at which the branch is deleted.',
      when: (args) => typeof valueAt(args, 'branch.expires_at') === 'string',
      recovery: 'unknown',
      targets: { branch_id: 'branch' },
      examples: {
        matches: [{ branch: { expires_at: '2026-04-25T00:00:00Z' } }],
        differs: [{ branch: { name: 'dev' } }, { branch: { expires_at: null } }],
      },
    },
    {
      rest: { method: 'GET', path: '/api/v2/projects' },
      effect: 'read',
      scope: 'projects',
      because: 'Lists all projects.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/api/v2/projects/{project_id}/connection_uri' },
      effect: 'read',
      scope: 'connection-strings',
      because: 'Reveals a connection string; it is masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['uri'],
    },
  ],
  docs: 'docs/providers/pages.md',
};
