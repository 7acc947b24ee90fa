// The change log in a project's own folder, e.g. HOLDPOINT.md. The folder belongs to the agent: it may hold links, races
// and forged sections, so the file is reached through an open folder, replaced as a whole and never followed anywhere.
// The journal is the record; this is a copy for people, and `journal verify --changelog` says whether it still is one.

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { HoldpointError } from '../platform/fault.ts';
import type { LogEntry } from '../record/change-log.ts';
import { beginMarker, blocksOf, endMarker, entryMarkdown, preamble, splitFile } from '../record/change-log-text.ts';

export interface ChangeLogFile {
  /** Appends what is not in the file yet, in order; calls wait for each other. Rejects with a HoldpointError. */
  append(entries: readonly LogEntry[]): Promise<void>;
}

export interface ChangeLogPlace {
  /** Absolute path of the project's folder. */
  readonly project: string;
  /** Path of the file inside it. */
  readonly file: string;
}

const fileBytesMax = 8 * 1024 * 1024;
/** Editors write too: a change between our read and our rename starts the append again, so often and no more. */
const attemptsMax = 5;

/** `beforeReplace` is for tests: it runs between reading the file and replacing it. */
export function changeLogFileAt(place: ChangeLogPlace, beforeReplace: () => void = () => {}): ChangeLogFile {
  let last: Promise<void> = Promise.resolve();
  return {
    append(entries) {
      const run = last.then(() => appendNow(place, entries, beforeReplace));
      last = run.catch(() => {});
      return run;
    },
  };
}

async function appendNow(
  place: ChangeLogPlace,
  entries: readonly LogEntry[],
  beforeReplace: () => void,
): Promise<void> {
  if (entries.length === 0) return;
  const name = basename(place.file);
  const folder = await openFolder(place);
  try {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const before = await readPlain(join(folder.path, name), place);
      const text = withEntries(before.bytes.toString('latin1'), entries, place);
      if (text === null) return;
      beforeReplace();
      if (await replace(folder, name, Buffer.from(text, 'latin1'), before, place)) return;
    }
  } finally {
    await folder.handle.close();
  }
  throw refused(
    place,
    'changelog-busy',
    'Something else kept writing to it.',
    'The next entry tries again; close the editor or tool that rewrites the file.',
  );
}

interface Folder {
  readonly handle: FileHandle;
  /** A path that stays this very folder, also if its name is moved or becomes a link. */
  readonly path: string;
}

async function openFolder(place: ChangeLogPlace): Promise<Folder> {
  const folder = dirname(resolve(place.project, place.file));
  const outside = () =>
    refused(
      place,
      'changelog-outside',
      'Its folder is not inside the project, or a link leads elsewhere.',
      'Name a file inside the project, without links on the way.',
    );
  if (!isInside(resolve(place.project), folder)) throw outside();
  const root = await realpath(place.project).catch((cause: unknown) => {
    throw unreachable(place, cause);
  });
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(
    (cause: unknown) => {
      throw isCode(cause, 'ENOTDIR', 'ELOOP') ? outside() : unreachable(place, cause);
    },
  );
  // Asked of the open folder, not of its name: a name can be exchanged after it was checked.
  const path = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : folder;
  const real = await realpath(path).catch(() => '');
  if (isInside(root, real) && real === join(root, relative(resolve(place.project), folder))) return { handle, path };
  await handle.close();
  throw outside();
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

interface Before {
  readonly bytes: Buffer;
  /** Mode of the file; null: there is none yet. */
  readonly mode: number | null;
  /** Changes when anyone writes. */
  readonly mark: string;
}

const missing: Before = { bytes: Buffer.alloc(0), mode: null, mark: 'missing' };

async function readPlain(path: string, place: ChangeLogPlace): Promise<Before> {
  // O_NONBLOCK: opening a named pipe that someone put there must not wait for its other end.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(path, flags).catch((cause: unknown) => {
    if (isCode(cause, 'ENOENT')) return null;
    throw isCode(cause, 'ELOOP', 'EMLINK') ? notPlain(place) : unreachable(place, cause);
  });
  if (handle === null) return missing;
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw notPlain(place);
    if (stats.size > fileBytesMax) {
      throw refused(
        place,
        'changelog-full',
        'It is larger than 8 MiB.',
        'Move the file away; a new one is begun with the next entry.',
      );
    }
    const mark = `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
    return { bytes: await handle.readFile(), mode: Number(stats.mode & 0o777n), mark };
  } finally {
    await handle.close();
  }
}

/** The file's new text (bytes as latin1, so that what is not ours stays byte for byte); null if nothing is new. */
function withEntries(text: string, entries: readonly LogEntry[], place: ChangeLogPlace): string | null {
  const split = splitFile(text);
  if (split.kind === 'ambiguous') {
    throw refused(
      place,
      'changelog-damaged',
      `Its section cannot be told apart: ${split.why}.`,
      'Restore the two marker lines, or move the file away; a new one is begun with the next entry.',
    );
  }
  const section = split.kind === 'section' ? split.section : `${preamble}\n`;
  const present = new Set(blocksOf(section));
  const blocks = entries
    .map((entry) => Buffer.from(`${entryMarkdown(entry)}\n`).toString('latin1'))
    .filter((block) => !present.has(block));
  if (blocks.length === 0) return null;
  const filled = `${section}${blocks.join('')}`;
  if (split.kind === 'section') return `${split.before}${filled}${split.after}`;
  const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n';
  return `${text}${gap}${beginMarker}\n${filled}${endMarker}\n`;
}

/** Writes beside the file and renames over it. False if someone else wrote meanwhile. */
async function replace(
  folder: Folder,
  name: string,
  bytes: Buffer,
  before: Before,
  place: ChangeLogPlace,
): Promise<boolean> {
  const draft = join(folder.path, `.${name}.${randomBytes(8).toString('hex')}`);
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const handle = await open(draft, flags, before.mode ?? 0o644);
    try {
      // The mode that open() was given went through the umask; the file keeps the one it had.
      if (before.mode !== null) await handle.chmod(before.mode);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const now = await readPlain(join(folder.path, name), place);
    if (now.mark === before.mark) {
      await rename(draft, join(folder.path, name));
      await folder.handle.sync();
      return true;
    }
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error instanceof HoldpointError ? error : unreachable(place, error);
  }
  await unlink(draft).catch(() => {});
  return false;
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function notPlain(place: ChangeLogPlace): HoldpointError {
  return refused(
    place,
    'changelog-not-plain',
    'It is a link or no plain file; writing there could write elsewhere.',
    'Remove it; a plain file is made with the next entry.',
  );
}

function unreachable(place: ChangeLogPlace, cause: unknown): HoldpointError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no code';
  const next = 'Check that the project folder exists and that the gateway may write there.';
  return refused(place, 'changelog-unwritable', `The system answered ${code}.`, next, cause);
}

function refused(place: ChangeLogPlace, code: string, why: string, next: string, cause?: unknown): HoldpointError {
  return new HoldpointError(code, { what: `The change log ${place.file} was not written.`, why, next, cause });
}
