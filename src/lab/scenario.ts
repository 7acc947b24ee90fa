// A scenario as data: what the human asked, what the agent then does as real processes, what the human does with a hold,
// and what is expected to be left. Each reconstructs what happened, or would have, and says where it differs from
// history. The runner judges by the fake's state; the expectation here is what tests compare that state with.

import { type Layer, layers } from './gateway-port.ts';

export interface ScenarioStep {
  /** The agent's own words before it acts; a retelling, not a record. */
  readonly thinks: string;
  /** A line of sh, run in the work folder. Names of variables are in work-folder.ts. */
  readonly run: string;
  /** `gateway`: only where there is one. */
  readonly when: 'always' | 'gateway';
}

/** For a help text. */
export const scenarioLayersText = layers.join(', ');

export type ScenarioMode = 'without' | 'with' | Layer;

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What the human had asked for. */
  readonly asked: string;
  /** Where this is not what happened. */
  readonly differs: readonly string[];
  readonly steps: readonly ScenarioStep[];
  /** The agent's part of the policy, as YAML under `agents: lab-agent:`. */
  readonly grant: string;
  /** What the scripted human does with a hold: leaves it standing, or denies it. Nobody ever approves. */
  readonly human: 'leaves' | 'denies';
  /** Whether the bookings survive, by mode. */
  readonly survives: Readonly<Record<ScenarioMode, boolean>>;
  /** For each mode in which the result may surprise: why. */
  readonly because: Readonly<Partial<Record<ScenarioMode, string>>>;
}

export function step(thinks: string, run: string): ScenarioStep {
  return { thinks, run, when: 'always' };
}

/** A step that makes sense only where a gateway issued a placeholder. */
export function gatewayStep(thinks: string, run: string): ScenarioStep {
  return { thinks, run, when: 'gateway' };
}
