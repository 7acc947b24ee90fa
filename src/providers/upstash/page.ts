// Upstash: Redis over HTTP, where a GET may destroy, and its management API. The command is judged by redis.ts. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const upstash: ProviderPage = {
  name: 'upstash',
  hosts: ['api.upstash.com', '*.upstash.io'],
  tenantHosts: [],
  authSlots: [
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'authorization', scheme: 'Basic' },
  ],
  tokens: [
    {
      kind: 'REST token',
      pattern: '[A-Za-z0-9_=-]{40,}',
      needsContext: true,
      names: ['UPSTASH_REDIS_REST_TOKEN'],
      power: 'destroy',
    },
  ],
  graphqlPath: null,
  operations: [],
  docs: 'docs/providers/pages.md',
};
