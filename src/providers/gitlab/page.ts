// GitLab.com: token shapes, and restores that are rescues. A self-hosted GitLab is named in the configuration as a host. Data only.
// Deletions of projects may be delayed by the instance's settings, which the request does not show: unknown.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const gitlab: ProviderPage = {
  name: 'gitlab',
  hosts: ['gitlab.com'],
  tenantHosts: [],
  authSlots: [
    { header: 'private-token', scheme: null },
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'deploy-token', scheme: null },
    { header: 'job-token', scheme: null },
  ],
  tokens: [
    {
      kind: 'personal access token',
      pattern: 'glpat-[A-Za-z0-9_-]{20,}',
      needsContext: false,
      names: ['GITLAB_TOKEN', 'GITLAB_PRIVATE_TOKEN'],
      power: 'destroy',
    },
    { kind: 'deploy token', pattern: 'gldt-[A-Za-z0-9_-]{20,}', needsContext: false, names: [], power: 'unknown' },
    { kind: 'runner token', pattern: 'glrt-[A-Za-z0-9_-]{20,}', needsContext: false, names: [], power: 'write' },
  ],
  graphqlPath: '/api/graphql',
  operations: [
    {
      rest: { method: 'POST', path: '/api/v4/projects/{id}/restore' },
      effect: 'write',
      scope: 'projects',
      because: 'Brings a project back that was marked for deletion.',
    },
    {
      rest: { method: 'POST', path: '/api/v4/groups/{id}/restore' },
      effect: 'write',
      scope: 'groups',
      because: 'Brings a group back that was marked for deletion.',
    },
    {
      rest: { method: 'DELETE', path: '/api/v4/projects/{id}/issues/{iid}/award_emoji/{award}' },
      effect: 'write',
      scope: 'issues',
      because: 'Takes a reaction back.',
    },
  ],
  docs: 'docs/providers/pages.md',
};
