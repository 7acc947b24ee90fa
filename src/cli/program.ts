// One file out of a long-running program's sources, made anew at each start, so that it can never be stale. Node would
// otherwise keep the text of some 600 modules and its TypeScript compiler in memory: 48 MB and 0.8 s were measured.
// No build step that somebody must remember, and no other program: where it cannot be made, the sources run as they are.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Beside each program: the store's thread is a file of its own to Node. */
const storeWorker = join(root, 'src', 'storage', 'sqlite', 'worker.ts');

// Two levels below the checkout's root like the sources, so that what they reach by relative paths lies where they look.
const folderOf = (entry: string) => join(root, 'dist', basename(entry, '.ts'));

/** Native and WebAssembly code load files that lie beside them. */
const leftOutside: readonly string[] = ['better-sqlite3', 'libpg-query', 'esbuild'];

/** Written beside and renamed: another program that starts at the same time reads one or the other, never half. */
function replace(file: string, bytes: Uint8Array): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, bytes, { mode: 0o644 });
  renameSync(draft, file);
}

async function bundle(entry: string, file: string): Promise<void> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Names stay: a stack trace is to be read by people.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    external: [...leftOutside],
    // A module inside of the file is never what was started.
    define: { 'import.meta.main': 'false' },
    banner: {
      js: "import { createRequire as holdpointRequire } from 'node:module'; const require = holdpointRequire(import.meta.url);",
    },
  });
  for (const { contents } of outputFiles) replace(file, contents);
}

/** The file to start for a TypeScript source of this project; the source itself where no other can be made. */
export async function programOf(entry: string): Promise<string> {
  const folder = folderOf(entry);
  const file = join(folder, 'main.js');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    await Promise.all([bundle(storeWorker, join(folder, 'worker.js')), bundle(entry, file)]);
    return file;
  } catch {
    // Code that belongs to another user, or an installation without the bundler: slower and larger, and all the same.
    return entry;
  }
}
