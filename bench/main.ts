// Runs one benchmark by name: progress on stderr, and at the end the result, as one JSON line with --json.
// A benchmark is a file here that exports `run`; a file without it (load generators, targets) is none.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../src/cli/nearest.ts';

type Run = (options: { readonly json: boolean }) => Promise<Record<string, unknown>>;

async function loadRun(name: string): Promise<Run | null> {
  const file = join(import.meta.dirname, `${name}.ts`);
  if (!/^[a-z0-9-]+$/.test(name) || name === 'main' || !existsSync(file)) return null;
  const loaded: unknown = await import(file);
  const isModule = typeof loaded === 'object' && loaded !== null && 'run' in loaded;
  return isModule && typeof loaded.run === 'function' ? (loaded.run as Run) : null;
}

function explain(name: string | undefined): void {
  const files = readdirSync(import.meta.dirname).flatMap((file) =>
    /^[a-z0-9-]+\.ts$/.test(file) ? [file.slice(0, -3)] : [],
  );
  const meant = name === undefined ? null : nearest(name, files);
  process.stderr.write('Usage: npm run -s bench -- <name> [--json]\n');
  if (name !== undefined)
    process.stderr.write(
      `There is no benchmark ${JSON.stringify(name)}.${meant === null ? '' : ` Did you mean ${meant}?`}\n`,
    );
}

function print(result: Record<string, unknown>, as: 'json' | 'text'): void {
  if (as === 'json') process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const [key, value] of Object.entries(result))
      process.stdout.write(`${key.padEnd(32)} ${JSON.stringify(value)}\n`);
}

const args = process.argv.slice(2);
const json = args.includes('--json');
const name = args.find((arg) => !arg.startsWith('-'));
const run = name === undefined ? null : await loadRun(name);
if (run === null) {
  explain(name);
  process.exitCode = 2;
} else {
  print(await run({ json }), json ? 'json' : 'text');
}
