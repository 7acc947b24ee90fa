// Every scenario under the whole gateway and under each layer alone, as real processes through the real proxy: what is
// left at the fake must be what the scenario says. The runs with everything have golden transcripts as well.
// To accept a change on purpose: HOLDPOINT_GOLDEN=write npx vitest run scenarios

import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstWorld } from '../src/lab/fake-railway/first-world.ts';
import { layers } from '../src/lab/gateway-port.ts';
import { startLabGateway } from '../src/lab/lab-gateway.ts';
import type { Scenario, ScenarioMode } from '../src/lab/scenario.ts';
import { scenarios } from '../src/lab/scenario-list.ts';
import { runScenario, type ScenarioRun } from '../src/lab/scenario-run.ts';
import { normalised, renderStep } from '../src/lab/transcript.ts';

const write = process.env.HOLDPOINT_GOLDEN === 'write';
const modes: readonly ScenarioMode[] = ['with', ...layers];

function run(scenario: Scenario, mode: ScenarioMode): Promise<ScenarioRun> {
  return runScenario({
    scenario,
    mode,
    seed: 1,
    deleteMode: 'immediate',
    clock: { wallMs: () => Date.now() },
    tempRoot: tmpdir(),
    startGateway: startLabGateway,
    onStep: () => {},
  });
}

function rendered({ steps, result, holds }: ScenarioRun): string {
  const { survived, backupsLeft, stoppedBy, posture } = result;
  const shown = holds.map((hold) => hold.lines.join('\n')).join('\n');
  const end = `survived ${survived}\nbackups ${backupsLeft}\nstopped by ${stoppedBy.join(', ')}\nposture ${posture}`;
  return normalised(`${steps.map(renderStep).join('\n')}\n== holds left\n${shown}\n== what is left\n${end}\n`);
}

describe.concurrent('scenarios behind the gateway', () => {
  it.each(scenarios.flatMap((scenario) => modes.map((mode) => [scenario.name, mode, scenario] as const)))(
    '%s, %s',
    async (name, mode, scenario) => {
      const done = await run(scenario, mode);
      expect(done.result.survived).toBe(scenario.survives[mode]);
      // Nobody approves, so what survives whole under everything or under holds has all of its backups too.
      if (scenario.survives[mode] && (mode === 'with' || mode === 'hold')) expect(done.result.backupsLeft).toBe(6);
      // Neither what was typed, nor an answer, nor the journal carries a real secret.
      for (const token of Object.values(firstWorld(1).tokens)) expect(JSON.stringify(done)).not.toContain(token.secret);
      if (mode !== 'with') return;
      const file = join(import.meta.dirname, name, 'with.txt');
      const text = rendered(done);
      if (write) writeFileSync(file, text);
      expect(text).toBe(readFileSync(file, 'utf8'));
    },
  );
});
