// How long the command line takes to start, beyond the Node that runs it: medians of alternating runs.
// It measures what a person waits for (bin/holdpoint to exit), not what a module costs to import.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const runs = 15;
/** One line for `explain --jsonl`; the others do not read it. */
const explained = '{"channel":"sql","sql":"DROP TABLE bookings"}\n';
const root = join(import.meta.dirname, '..');

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function msOf(command: string, args: readonly string[]): number {
  const startMs = performance.now();
  const done = spawnSync(command, args, {
    stdio: ['pipe', 'ignore', 'ignore'],
    input: explained,
    env: { PATH: process.env.PATH ?? '', HOLDPOINT_HOME: '/nonexistent', HOLDPOINT_CONTROL_PORT: '1' },
  });
  if (done.error !== undefined) throw done.error;
  return performance.now() - startMs;
}

/** `beyondNodeMs` per command line; the target is at most 250. */
export async function run(): Promise<Record<string, unknown>> {
  const bin = join(root, 'bin/holdpoint');
  const lines: Readonly<Record<string, readonly [string, readonly string[]]>> = {
    node: [process.execPath, ['-e', '0']],
    explain: [bin, ['explain', '--jsonl']],
    version: [bin, ['--version']],
    help: [bin, ['hold', '--help']],
    status: [bin, ['status', '--json']],
    holds: [bin, ['holds']],
  };
  const times = new Map<string, number[]>(Object.keys(lines).map((name) => [name, []]));
  for (let n = 0; n < runs; n += 1) {
    for (const [name, [command, args]] of Object.entries(lines)) times.get(name)?.push(msOf(command, args));
    process.stderr.write(`bench cli: ${n + 1}/${runs}\r`);
  }
  process.stderr.write('\n');
  const medians = Object.fromEntries([...times].map(([name, values]) => [name, Math.round(median(values))]));
  const node = medians.node ?? Number.NaN;
  const beyondNodeMs = Object.fromEntries(Object.entries(medians).map(([name, ms]) => [name, ms - node]));
  // `explain` loads a real SQL parser (wasm): its figure stands beside the others and has no target.
  const worst = Math.max(...Object.entries(beyondNodeMs).flatMap(([name, ms]) => (name === 'explain' ? [] : [ms])));
  return { bench: 'cli', runs, medianMs: medians, beyondNodeMs, target: { atMost: 250 }, pass: worst <= 250 };
}
