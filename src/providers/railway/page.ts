// Railway: hosts, tokens and every operation that destroys, reveals, mints or saves. Data only; where a thing lies is
// resolver.ts. A mutation that stands nowhere here is destructive, assumed: of some 230 mutations only 53 have a name
// that sounds like deletion, and 56 were added within four months.
// Shaped by 24 April 2026: one anonymous volumeDelete, no environment in the request, backups inside the volume.

import type { ProviderPage } from '../../classify/provider-page.ts';
import { railwayDeletions } from './deletions.ts';
import { railwayQueries } from './queries.ts';
import { railwayWrites } from './writes.ts';

export const railway: ProviderPage = {
  name: 'railway',
  hosts: [
    'backboard.railway.com',
    'backboard.railway.app',
    'api.railway.app',
    'backboard.railway-staging.com',
    'backboard.railway-develop.com',
  ],
  tenantHosts: ['*.up.railway.app', '*.railway.internal'],
  authSlots: [
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'project-access-token', scheme: null },
  ],
  tokens: [
    {
      kind: 'account or workspace token',
      pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
      needsContext: true,
      names: ['RAILWAY_API_TOKEN'],
      power: 'account-wide',
      reach: 'none: every project of the account or workspace, all environments',
    },
    {
      kind: 'project token',
      pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
      needsContext: true,
      names: ['RAILWAY_TOKEN'],
      power: 'destroy',
      reach: 'one environment of one project',
    },
  ],
  graphqlPath: '/graphql/v2',
  operations: [...railwayDeletions, ...railwayWrites, ...railwayQueries],
  docs: 'docs/providers/railway.md',
};
