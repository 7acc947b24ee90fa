// The project's own change log is fed by a running gateway, also where the folder comes later than the policy, and after
// a restart it has what the journal has.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Instance, startInstance } from '../../src/gateway/compose.ts';
import { realRules } from '../../src/gateway/rules.ts';
import { homeAt } from '../../src/platform/home.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-changelog-'));
const project = join(root, 'project');
const file = join(project, 'HOLDPOINT.md');

afterAll(() => rmSync(root, { recursive: true, force: true }));

function start(): Promise<Instance> {
  return startInstance({
    home: homeAt(join(root, 'home')),
    name: 'lab',
    proxyPort: 0,
    controlPort: 0,
    lab: { upstream: () => null, leave: 'nowhere', rules: realRules, totp: 'asked' },
    notifier: { held: () => undefined, moved: () => undefined },
    taskOf: () => null,
    fault: () => undefined,
  });
}

it('writes every entry since the folder was there, once, over a restart', async () => {
  const first = await start();
  await first.loadFirstPolicy(`project: { p: { path: ${JSON.stringify(project)}, changelog: HOLDPOINT.md } }`, 'test');
  mkdirSync(project);
  await first.control.freeze('nobody', 'a human');
  await first.control.freeze('nobody-else', 'a human');
  await first.close();
  const second = await start();
  await second.control.freeze('third', 'a human');
  await second.close();
  const text = readFileSync(file, 'utf8');
  for (const agent of ['nobody-else', 'third']) expect(text.split(`agent: \`${agent}\``)).toHaveLength(2);
});
