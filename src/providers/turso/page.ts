// Turso: platform API and databases with SQL over HTTP; the SQL is judged by the SQL reader. Data only.
// A deleted database can be restored for five days on paid plans, which the request does not show: unknown.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const turso: ProviderPage = {
  name: 'turso',
  hosts: ['api.turso.tech', '*.turso.io'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'platform or database token',
      pattern: 'eyJ[A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{20,}[.][A-Za-z0-9_-]{20,}',
      needsContext: true,
      names: ['TURSO_AUTH_TOKEN', 'TURSO_API_TOKEN'],
      power: 'destroy',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'POST', path: '/v1/organizations/{org}/databases/{database}/auth/rotate' },
      effect: 'destructive',
      scope: 'tokens',
      because: 'Every token of the database stops working.',
      recovery: 'none',
    },
    {
      rest: { method: 'POST', path: '/v1/organizations/{org}/groups/{group}/auth/rotate' },
      effect: 'destructive',
      scope: 'tokens',
      because: 'Every token of the group stops working.',
      recovery: 'none',
    },
  ],
  docs: 'docs/providers/pages.md',
};
