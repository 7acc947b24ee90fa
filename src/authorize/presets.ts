// The three tokens as they should have been, ready to name in a policy: one purpose, few scopes, never destruction.
// They are ordinary grants without an agent; nothing treats a preset specially once it is in a policy.

import type { Grant, Scope } from './grant.ts';

export type Preset = Pick<Grant, 'scopes' | 'environments' | 'destructive'> & {
  readonly name: string;
  /** What such a token is made for: `created_for` of its card. */
  readonly createdFor: string;
};

const read = (kind: string): Scope => ({ kind, access: 'read' });
const write = (kind: string): Scope => ({ kind, access: 'write' });

export const presets: readonly Preset[] = [
  {
    name: 'domain_management_token',
    createdFor: 'Managing custom domains',
    scopes: [read('domains'), write('domains')],
    // Domains belong to no single environment, so this one is not bound to any.
    environments: 'all',
    destructive: 'never',
  },
  {
    name: 'staging_deploy_token',
    createdFor: 'Deploying to staging',
    scopes: [read('deployments'), write('deployments')],
    environments: ['staging'],
    destructive: 'never',
  },
  {
    name: 'agent_token',
    createdFor: 'Looking at deployments and logs in staging',
    scopes: [read('deployments'), read('logs')],
    environments: ['staging'],
    destructive: 'never',
  },
];

export function presetNamed(name: string): Preset | null {
  return presets.find((preset) => preset.name === name) ?? null;
}
