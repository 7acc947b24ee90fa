import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { simulatedClock } from '../testing/simulated-clock.ts';
import { createStrayFinder, usualBounds } from './stray-finder.ts';

const literal = ['57a9e7aa', 'bbbb', '4ccc', '8ddd', 'ffffffffffff'].join('-');
let base = '';
let project = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hp-stray-'));
  project = join(base, 'project');
  mkdirSync(project);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
}
const finder = (change: Partial<typeof usualBounds> = {}) =>
  createStrayFinder(() => [project], systemClock(), { ...usualBounds, ...change });

it('names file and line', async () => {
  put('project/domains/railway.env', `# domains\nRAILWAY_TOKEN=${literal}\n`);
  expect(await finder().find(literal, 'fp:1')).toBe('domains/railway.env:2');
});

it('remembers a place by fingerprint, and looks again for what was not found', async () => {
  const one = finder();
  expect(await one.find(literal, 'fp:1')).toBeNull();
  put('project/a.txt', literal);
  expect(await one.find(literal, 'fp:1')).toBe('a.txt:1');
  rmSync(join(project, 'a.txt'));
  expect(await one.find(literal, 'fp:1')).toBe('a.txt:1');
});

it('looks again when it ran out of time', async () => {
  let stepMs = 1_000;
  let nowMs = 0;
  // From one look at the clock to the next more time passes than the whole search may take.
  const monotonicMs = () => {
    nowMs += stepMs;
    return nowMs;
  };
  const one = createStrayFinder(() => [project], { ...simulatedClock(), monotonicMs }, { ...usualBounds, timeMs: 500 });
  put('project/a.txt', literal);
  expect(await one.find(literal, 'fp:1')).toBeNull();
  stepMs = 0;
  expect(await one.find(literal, 'fp:1')).toBe('a.txt:1');
});

it.each<[string, () => void]>([
  [
    'a link out of the project',
    () => {
      put('outside.txt', literal);
      symlinkSync(join(base, 'outside.txt'), join(project, 'in.txt'));
    },
  ],
  [
    'a linked folder',
    () => {
      put('out/x.txt', literal);
      symlinkSync(join(base, 'out'), join(project, 'in'));
    },
  ],
  ["git's objects", () => put('project/.git/objects/aa/bb', literal)],
  ['installed packages', () => put('project/node_modules/p/x', literal)],
])('does not look into %s', async (_name, make) => {
  make();
  expect(await finder().find(literal, 'fp:1')).toBeNull();
});

it("looks into git's own configuration", async () => {
  put('project/.git/config', `[remote]\n\n url = https://x:${literal}@example.org\n`);
  expect(await finder().find(literal, 'fp:1')).toBe('.git/config:3');
});

it.each<[string, Partial<typeof usualBounds>]>([
  ['files', { filesMax: 0 }],
  ['bytes of one file', { fileBytesMax: 4 }],
  ['bytes in all', { bytesMax: 0 }],
  ['time', { timeMs: -1 }],
  ['depth', { depthMax: 0 }],
])('stops at its bound of %s', async (_name, bound) => {
  put('project/a/x.txt', literal);
  expect(await finder(bound).find(literal, 'fp:1')).toBeNull();
  expect(await finder().find(literal, 'fp:1')).toBe('a/x.txt:1');
});

it('repeats no hostile file name, and no short literal', async () => {
  put('project/a\u202eb;rm.txt', literal);
  expect(await finder().find(literal, 'fp:1')).toBe('a?b?rm.txt:1');
  expect(await finder().find('a', 'fp:2')).toBeNull();
});

it('finds nothing, without a fault, where there is no project', async () => {
  const none = createStrayFinder(() => [join(base, 'gone')], systemClock());
  expect(await none.find(literal, 'fp:1')).toBeNull();
});
