// The table of scenarios and layers as a page, rendered from the scenarios' own data, so that the page cannot say
// something else than the tests compare runs with. `npx vitest -u` is not how it changes: change the scenario, run
// `node src/lab/matrix.ts > scenarios/matrix.md`, and the test of the goldens agrees again.

import { layers } from './gateway-port.ts';
import type { ScenarioMode } from './scenario.ts';
import { scenarios } from './scenario-list.ts';

const modes: readonly ScenarioMode[] = ['without', 'with', ...layers];

function cell(survives: boolean): string {
  return survives ? 'yes' : '**lost**';
}

export function renderMatrix(): string {
  const rows = scenarios.map(
    (scenario) =>
      `| [${scenario.name}](${scenario.name}/) | ${modes.map((mode) => cell(scenario.survives[mode])).join(' | ')} |`,
  );
  const reasons = scenarios.map((scenario) => {
    const lines = Object.entries(scenario.because).map(([mode, why]) => `  - ${mode}: ${why}`);
    return [`- ${scenario.name}`, ...lines].join('\n');
  });
  return `# What survives, by scenario and by layer

Do the bookings survive? *without*: the agent talks to the provider directly. *with*: the whole gateway. The other
columns have that one layer enforced and all others switched off, with the same agent and the same grant.

| scenario | ${modes.join(' | ')} |
|---|${modes.map(() => '---').join('|')}|
${rows.join('\n')}

No layer stops everything. *delay* is time for a human: it helps in the runs where one comes, and nobody comes in
pocketos and article-rest. The last row is lost even with everything, because what does not pass the gateway is not stopped by it; that is
posture \`advised\`, and only \`confined\` answers it.

Why, where it may surprise:

${reasons.join('\n')}

How a cell is read: from the state of the fake provider after the run, never from what anybody printed. The scenarios
carry these values as data (\`survives\`), and the runs are compared with them.

A layer alone means:

- grants: what the grant does not cover is refused; what it covers passes, also destructive things under \`confirm\`,
  because asking a human is another layer.
- environment: what reaches an environment that is not granted, or is not known, is refused; inside it everything passes.
- stray: a credential that the gateway did not issue is refused; with its own placeholder everything passes.
- hold: every destructive action waits for a human, wherever it lies; nobody ever approves in these runs.
- delay: destructive actions leave after the window unless somebody cancels.
`;
}

if (import.meta.main) process.stdout.write(renderMatrix());
