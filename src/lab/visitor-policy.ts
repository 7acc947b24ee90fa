// The lab's policy text, with the ids of the fake's world. It is ordinary policy YAML: what a founder would write after
// the incident, read by the same parser as any other.

import type { World } from './fake-railway/world.ts';

export const labAgent = 'cursor-staging';
export const labReader = 'log-reader';
/** Shown in the lab's work folder; it opens nothing but a request to this gateway. */
export const labPlaceholder = 'hp_railway_lab0pocketos0staging';

export interface LabPolicyOptions {
  readonly delay: string;
  readonly wait: string;
  readonly project: string;
}

function environmentId(world: World, name: string): string {
  const found = world.environments.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the lab's world has no environment ${name}`);
  return found.id;
}

export function visitorPolicy(world: World, options: LabPolicyOptions): string {
  return `# The lab's policy. Environments are bound by Railway's own ids; names never bind.
agents:
  ${labAgent}:
    scopes: [projects:read, environments:read, services:read, deployments:write, logs:read, variables:read, volumes:write, backups:write, domains:read]
    environments: [staging]
    credentials: [railway]
    destructive: confirm
  ${labReader}:
    preset: agent_token
    credentials: [railway]
environments:
  production: { protected: true, is: ["railway:environment:${environmentId(world, 'production')}"] }
  staging: { is: ["railway:environment:${environmentId(world, 'staging')}"] }
credentials:
  railway: { provider: railway, placeholder: ${labPlaceholder}, purpose: "deploy the web service to staging" }
approvals:
  production: { factors: [typed-name, passkey], people: 1 }
delay: { irreversible: ${options.delay} }
wait: ${options.wait}
project:
  bookings-app: { path: ${JSON.stringify(options.project)}, changelog: HOLDPOINT.md }
`;
}
