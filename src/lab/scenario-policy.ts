// The policy of a lab run, as text in the words of the configuration file: the scenario's grant, both environments bound
// by the fake's ids, one credential. It is text and not a value, because a lab that went around the reader of policies
// would show something that no user can have.

import type { World } from './fake-railway/world.ts';
import type { Scenario } from './scenario.ts';

export const labAgent = 'lab-agent';

function idOf(world: World, name: string): string {
  return world.environments.find((item) => item.name === name)?.id ?? '';
}

/** `folder`: the agent's work folder, in which the gateway looks for where a stray credential came from. */
export function scenarioPolicy(scenario: Scenario, world: World, folder: string): string {
  const grant = scenario.grant
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  return `agents:
  ${labAgent}:
${grant}
environments:
  production: { protected: true, is: ["railway:environment:${idOf(world, 'production')}"] }
  staging: { is: ["railway:environment:${idOf(world, 'staging')}"] }
credentials:
  railway: { provider: railway, placeholder: hp_railway_lab0scenario0staging, purpose: "deploy the web service to staging" }
delay: { irreversible: 4s }
wait: 1s
project:
  pocketos-web: { path: ${JSON.stringify(folder)}, changelog: HOLDPOINT.md }
`;
}
