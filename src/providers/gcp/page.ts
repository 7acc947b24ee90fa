// Google Cloud: hosts and the calls whose body hides a loss. Dry runs count only where the API defines `validateOnly`.
// Projects can be restored for about thirty days, soft-deleted objects for seven. Data only.

import { valueAt } from '../../classify/pages.ts';
import type { ProviderPage } from '../../classify/provider-page.ts';

export const gcp: ProviderPage = {
  name: 'gcp',
  hosts: ['*.googleapis.com'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'API key',
      pattern: 'AIza[A-Za-z0-9_-]{35}',
      needsContext: false,
      names: ['GOOGLE_API_KEY'],
      power: 'unknown',
    },
    {
      kind: 'OAuth access token',
      pattern: 'ya29[.][A-Za-z0-9_-]{20,}',
      needsContext: false,
      names: [],
      power: 'destroy',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'DELETE', path: '/v3/projects/{project}' },
      effect: 'destructive',
      scope: 'projects',
      because: 'Shuts the project down; it is deleted after about 30 days.',
      recovery: 'window',
      undo: 'about 30 days, by projects.undelete',
      targets: { project: 'project' },
    },
    {
      rest: { method: 'DELETE', path: '/v1/projects/{project}' },
      effect: 'destructive',
      scope: 'projects',
      because: 'Shuts the project down; it is deleted after about 30 days.',
      recovery: 'window',
      undo: 'about 30 days, by projects.undelete',
      targets: { project: 'project' },
    },
    {
      rest: { method: 'POST', path: '/v1/projects/{project}/subscriptions/{call}' },
      effect: 'destructive',
      scope: 'subscriptions',
      because: 'Moves the subscription: what lies between is lost to it.',
      when: (args) => String(valueAt(args, 'call')).endsWith(':seek'),
      recovery: 'none',
      examples: { matches: [{ call: 's:seek' }], differs: [{ call: 's:pull' }] },
    },
    {
      rest: {
        method: 'POST',
        path: '/v1/projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}/cryptoKeyVersions/{call}',
      },
      effect: 'write',
      scope: 'keys',
      because: 'Brings a key version back that was to be destroyed.',
      when: (args) => String(valueAt(args, 'call')).endsWith(':restore'),
      examples: { matches: [{ call: '1:restore' }], differs: [{ call: '1:destroy' }] },
    },
    {
      rest: { method: 'POST', path: '/storage/v1/b/{bucket}/o/{object}/restore' },
      effect: 'write',
      scope: 'objects',
      because: 'Brings a soft-deleted object back.',
    },
    {
      rest: { method: 'POST', path: '/storage/v1/b/{bucket}/restore' },
      effect: 'write',
      scope: 'buckets',
      because: 'Brings a soft-deleted bucket back.',
    },
  ],
  docs: 'docs/providers/pages.md',
};
