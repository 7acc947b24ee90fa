// The golden transcripts: each scenario's real processes, run without a gateway, must print what its without.txt says,
// and lose what it says is lost. To accept a change on purpose: HOLDPOINT_GOLDEN=write npx vitest run scenarios

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstWorld } from '../src/lab/fake-railway/first-world.ts';
import { renderMatrix } from '../src/lab/matrix.ts';
import { scenarios } from '../src/lab/scenario-list.ts';
import { runScenario, type ScenarioRun } from '../src/lab/scenario-run.ts';
import { normalised, renderStep } from '../src/lab/transcript.ts';

const write = process.env.HOLDPOINT_GOLDEN === 'write';

function golden(path: string, text: string): string {
  const file = join(import.meta.dirname, path);
  if (write) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
  return readFileSync(file, 'utf8');
}

function rendered(run: ScenarioRun): string {
  const { survived, backupsLeft } = run.result;
  const steps = run.steps.map(renderStep).join('\n');
  const reached = run.reached.map((line) => `  ${line}`).join('\n');
  return normalised(
    `${steps}\n== what is left\nsurvived ${survived}\nbackups ${backupsLeft}\n== what reached the provider\n${reached}\n`,
  );
}

describe('scenarios, without a gateway', () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    const run = await runScenario({
      scenario,
      mode: 'without',
      seed: 1,
      deleteMode: 'immediate',
      clock: { wallMs: () => Date.now() },
      tempRoot: tmpdir(),
      startGateway: () => expect.unreachable('no gateway is started'),
      onStep: () => {},
    });
    expect(run.result.survived).toBe(scenario.survives.without);
    // A patch is kept to its environment, so staging's copies outlive it; production's are gone in every scenario.
    expect(run.result.backupsLeft).toBe(name === 'staged-commit' ? 3 : 0);
    const text = rendered(run);
    for (const token of Object.values(firstWorld(1).tokens)) expect(JSON.stringify(run)).not.toContain(token.secret);
    expect(text).toBe(golden(`${name}/without.txt`, text));
  });

  it('keeps everything when nobody does anything', async () => {
    const [first] = scenarios;
    if (first === undefined) throw new Error('no scenario');
    const run = await runScenario({
      scenario: { ...first, steps: first.steps.slice(0, 1) },
      mode: 'without',
      seed: 1,
      deleteMode: 'immediate',
      clock: { wallMs: () => Date.now() },
      tempRoot: tmpdir(),
      startGateway: () => expect.unreachable('no gateway is started'),
      onStep: () => {},
    });
    expect(run.result).toMatchObject({ survived: true, backupsLeft: 6, stoppedBy: [], holds: [] });
  });

  it('waits 48 hours for nobody: the soft mode loses the service, not the disk', async () => {
    const [first] = scenarios;
    if (first === undefined) throw new Error('no scenario');
    const run = await runScenario({
      scenario: first,
      mode: 'without',
      seed: 2,
      deleteMode: 'soft48h',
      clock: { wallMs: () => Date.now() },
      tempRoot: tmpdir(),
      startGateway: () => expect.unreachable('no gateway is started'),
      onStep: () => {},
    });
    expect(run.result).toMatchObject({ survived: false, backupsLeft: 0 });
  });
});

describe('matrix.md', () => {
  it('is what the scenarios say', () => {
    expect(renderMatrix()).toBe(golden('matrix.md', renderMatrix()));
  });

  it('shows for each mode at least one loss', () => {
    const modes = Object.keys(scenarios[0]?.survives ?? {}) as (keyof (typeof scenarios)[0]['survives'])[];
    expect(modes).toHaveLength(7);
    for (const mode of modes)
      expect(
        scenarios.some((scenario) => !scenario.survives[mode]),
        mode,
      ).toBe(true);
    expect(scenarios.filter((scenario) => scenario.survives.with).length).toBe(scenarios.length - 1);
  });
});
