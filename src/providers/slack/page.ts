// Slack: token shapes. Methods are called by their path (`files.delete`), by POST and GET alike; the readers know that form.
// Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const slack: ProviderPage = {
  name: 'slack',
  hosts: ['slack.com', 'api.slack.com'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'bot token',
      pattern: 'xoxb-[A-Za-z0-9-]{20,}',
      needsContext: false,
      names: ['SLACK_BOT_TOKEN', 'SLACK_TOKEN'],
      power: 'write',
    },
    {
      kind: 'user token',
      pattern: 'xoxp-[A-Za-z0-9-]{20,}',
      needsContext: false,
      names: ['SLACK_TOKEN'],
      power: 'destroy',
    },
    {
      kind: 'app token',
      pattern: 'xapp-[A-Za-z0-9-]{20,}',
      needsContext: false,
      names: ['SLACK_APP_TOKEN'],
      power: 'write',
    },
    {
      kind: 'refresh or session token',
      pattern: 'xox[aeors]-[A-Za-z0-9-]{20,}',
      needsContext: false,
      names: [],
      power: 'destroy',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: '*', path: '/api/auth.test' },
      effect: 'read',
      scope: 'users',
      because: 'Says who the token is.',
      account: true,
    },
    {
      rest: { method: '*', path: '/api/admin.conversations.setCustomRetention' },
      effect: 'destructive',
      scope: 'conversations',
      because: 'Messages older than the new retention are deleted.',
      aspects: ['removes-protection'],
      recovery: 'none',
    },
    {
      rest: { method: '*', path: '/api/reactions.remove' },
      effect: 'write',
      scope: 'reactions',
      because: 'Takes a reaction back.',
    },
    {
      rest: { method: '*', path: '/api/pins.remove' },
      effect: 'write',
      scope: 'pins',
      because: 'Unpins a message.',
    },
    {
      rest: { method: '*', path: '/api/stars.remove' },
      effect: 'write',
      scope: 'stars',
      because: 'Unstars an item.',
    },
  ],
  docs: 'docs/providers/pages.md',
};
