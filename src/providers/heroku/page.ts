// Heroku: token shapes, dynos that only restart, and variables whose values are masked. No undo is documented for apps and add-ons. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const heroku: ProviderPage = {
  name: 'heroku',
  hosts: ['api.heroku.com', 'api.data.heroku.com'],
  tenantHosts: ['*.herokuapp.com'],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'API key',
      pattern: 'HRKU-[A-Za-z0-9_-]{30,}',
      needsContext: false,
      names: ['HEROKU_API_KEY'],
      power: 'account-wide',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'DELETE', path: '/apps/{app}/dynos' },
      effect: 'write',
      scope: 'dynos',
      because: 'Restarts all dynos.',
    },
    {
      rest: { method: 'DELETE', path: '/apps/{app}/dynos/{dyno}' },
      effect: 'write',
      scope: 'dynos',
      because: 'Restarts a dyno.',
    },
    {
      rest: { method: 'POST', path: '/client/v11/databases/{database}/restores' },
      effect: 'destructive',
      scope: 'databases',
      because: 'Restores a backup over the database.',
      recovery: 'none',
      targets: { database: 'database' },
    },
    {
      rest: { method: 'DELETE', path: '/apps/{app}/formations/{type}' },
      effect: 'write',
      scope: 'dynos',
      because: 'Restarts dynos.',
    },
    {
      rest: { method: 'GET', path: '/apps/{app}/config-vars' },
      effect: 'read',
      scope: 'variables',
      because: 'Reveals the values of variables; they are masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['*'],
    },
    {
      rest: { method: 'GET', path: '/account' },
      effect: 'read',
      scope: 'account',
      because: 'Says whose account it is.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/apps' },
      effect: 'read',
      scope: 'apps',
      because: 'Lists all apps.',
      account: true,
    },
  ],
  docs: 'docs/providers/pages.md',
};
