// Finds where a stray credential lies in the agent's project, so that the refusal can name file and line: in the incident
// the token lay in a file about domains. Bounded in files, bytes and time, since the folder is the agent's own; never
// leaves the folder, and returns a place, never the line's text. It is no scanner: it looks for one known literal.

import { constants } from 'node:fs';
import { type FileHandle, open, opendir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Clock } from '../platform/clock.ts';

export interface StrayFinder {
  /** `domains/railway.env:2`, relative to its project; null if it was not found within the bounds. Never rejects. */
  find(literal: string, fingerprint: string): Promise<string | null>;
}

export interface StrayFinderBounds {
  readonly filesMax: number;
  readonly fileBytesMax: number;
  readonly bytesMax: number;
  readonly timeMs: number;
  readonly depthMax: number;
}

export const usualBounds: StrayFinderBounds = {
  filesMax: 20_000,
  fileBytesMax: 2 * 1024 * 1024,
  bytesMax: 256 * 1024 * 1024,
  timeMs: 10_000,
  depthMax: 24,
};

/** Folders of machine-made content: large, and not where a person leaves a token. `.git` holds packed objects. */
const skippedFolders: ReadonlySet<string> = new Set([
  'node_modules',
  '.venv',
  'venv',
  'target',
  'dist',
  '.next',
  '.cache',
]);
const skippedPaths = [join('.git', 'objects'), join('.git', 'lfs')];
const literalMin = 8;
const cachedMax = 256;

/** `folders`: the projects' folders, looked at anew each time because policies change. */
export function createStrayFinder(
  folders: () => readonly string[],
  clock: Clock,
  bounds: StrayFinderBounds = usualBounds,
): StrayFinder {
  const found = new Map<string, Promise<string | null>>();
  return {
    find(literal, fingerprint) {
      const known = found.get(fingerprint);
      if (known !== undefined) return known;
      const search = findIn(folders(), literal, clock, bounds).catch(() => null);
      if (found.size >= cachedMax) found.delete(found.keys().next().value ?? '');
      found.set(fingerprint, search);
      // What was not found may be written tomorrow; only a place that was found is worth remembering.
      void search.then((place) => place === null && found.delete(fingerprint));
      return search;
    },
  };
}

interface Budget {
  files: number;
  bytes: number;
  readonly overAtMs: number;
}

async function findIn(
  folders: readonly string[],
  literal: string,
  clock: Clock,
  bounds: StrayFinderBounds,
): Promise<string | null> {
  if (literal.length < literalMin) return null;
  const needle = Buffer.from(literal, 'latin1');
  const budget: Budget = {
    files: bounds.filesMax,
    bytes: bounds.bytesMax,
    overAtMs: clock.monotonicMs() + bounds.timeMs,
  };
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => null);
    if (root === null) continue;
    for await (const file of filesBelow(root, root, bounds.depthMax)) {
      if (budget.files <= 0 || budget.bytes <= 0 || clock.monotonicMs() > budget.overAtMs) return null;
      budget.files -= 1;
      const line = await lineIn(file, needle, budget, bounds.fileBytesMax).catch(() => null);
      if (line !== null) return `${shownPath(relative(root, file))}:${line}`;
    }
  }
  return null;
}

/** Plain files below a folder, nearest first, so that a small `.env` is found before a large tree is walked. */
async function* filesBelow(root: string, folder: string, depthLeft: number): AsyncGenerator<string> {
  const deeper: string[] = [];
  const entries = await opendir(folder).catch(() => null);
  if (entries === null) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    // Links are not followed: they could lead out of the project, or round in it.
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && !isSkipped(relative(root, path), entry.name)) deeper.push(path);
  }
  if (depthLeft > 0) for (const next of deeper.sort()) yield* filesBelow(root, next, depthLeft - 1);
}

function isSkipped(path: string, name: string): boolean {
  return skippedFolders.has(name) || skippedPaths.some((each) => path === each || path.endsWith(`${sep}${each}`));
}

async function lineIn(file: string, needle: Buffer, budget: Budget, fileBytesMax: number): Promise<number | null> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const bytes = await readUpTo(handle, fileBytesMax);
    budget.bytes -= bytes.length;
    const at = bytes.indexOf(needle);
    return at === -1 ? null : bytes.subarray(0, at).filter((byte) => byte === 10).length + 1;
  } finally {
    await handle.close();
  }
}

async function readUpTo(handle: FileHandle, max: number): Promise<Buffer> {
  const { size } = await handle.stat();
  const buffer = Buffer.alloc(Math.min(size, max));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  return buffer.subarray(0, bytesRead);
}

/** File names are the agent's to choose: nothing but plain path characters is repeated in a reason. */
function shownPath(path: string): string {
  return path
    .replaceAll(sep, '/')
    .replace(/[^A-Za-z0-9._/@+-]/g, '?')
    .slice(-200);
}
