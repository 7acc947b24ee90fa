// The layer rules must bite: with a TypeScript that dependency-cruiser cannot read it cruises nothing and passes.

import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const planted = join(root, 'src/action/planted-violation.ts');

function cruise(): { status: number | null; output: string } {
  const run = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      '.dependency-cruiser.mjs',
      'src',
    ],
    { cwd: root, encoding: 'utf8' },
  );
  return { status: run.status, output: run.stdout + run.stderr };
}

afterEach(() => rmSync(planted, { force: true }));

it('passes on the tree as it is, having read its modules', () => {
  const { status, output } = cruise();
  expect(output).toMatch(/no dependency violations found \(\d{2,} modules/);
  expect(status).toBe(0);
});

it('catches a stage that imports a later one, and a stage that opens a file', () => {
  writeFileSync(planted, "import '../storage/storage.ts';\nimport 'node:fs';\nexport const planted = 1;\n");
  const { status, output } = cruise();
  expect(status).not.toBe(0);
  expect(output).toContain('stage-action-knows-earlier-stages-only');
  expect(output).toContain('stages-touch-no-world');
});
