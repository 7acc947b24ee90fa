// `journal verify --changelog`: derives from the journal what a project's file must say, and compares. A file that was
// begun later than the journal has its beginning in the store (`changelog:<path>`), where an agent cannot move it.

import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { changeLogKey } from '../gateway/change-log-follow.ts';
import { inertShort } from '../hold/inert-text.ts';
import { changeLogOf, type LogEntry } from '../record/change-log.ts';
import { checkSection, type SectionCheck, splitFile } from '../record/change-log-text.ts';
import { sealedFromText } from '../storage/sqlite/event-text.ts';
import type { SqliteReader } from '../storage/sqlite/sqlite-reader.ts';
import { readSmallFile } from './journal-verify.ts';

const changelogBytesMax = 16 * 1024 * 1024;

export interface ChangeLogChecked {
  readonly check: SectionCheck;
  readonly lines: readonly string[];
}

/** How long a running gateway may take to write an entry whose event is already in the journal. */
const pauseMs = 500;
const attemptsMax = 4;

/** Compares the file with the journal; what is missing is looked for again, because a gateway may be just writing it. */
export async function changeLogCheck(reader: SqliteReader, cwd: string, file: string): Promise<ChangeLogChecked> {
  for (let attempt = 1; ; attempt += 1) {
    const checked = checkOnce(reader, cwd, file);
    const isMissing = checked.check.kind === 'differs' && checked.check.what === 'removed';
    if (!isMissing || attempt >= attemptsMax) return checked;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function checkOnce(reader: SqliteReader, cwd: string, file: string): ChangeLogChecked {
  const split = splitFile(readSmallFile(cwd, file, changelogBytesMax));
  const name = inertShort(file);
  if (split.kind !== 'section') {
    const why =
      split.kind === 'ambiguous' ? `Its section cannot be told apart: ${split.why}.` : 'It has no section of ours.';
    const check: SectionCheck = { kind: 'differs', what: 'removed', seq: null, why };
    return { check, lines: differs(name, check) };
  }
  const entries = entriesAfter(reader, beginning(reader, realpathSync(resolve(cwd, file))));
  const check = checkSection(split.section, entries);
  if (check.kind === 'differs') return { check, lines: differs(name, check) };
  return { check, lines: [`change log ${name}: all ${check.entries} entries are what the journal says`] };
}

function differs(name: string, check: SectionCheck & { readonly kind: 'differs' }): readonly string[] {
  const at = check.seq === null ? '' : ` at event ${check.seq}`;
  return [
    `CHANGE LOG DIFFERS${at} (${check.what}): ${name}`,
    `  why:  ${check.why}`,
    '  next: Believe the journal (holdpoint log), and find out who edited the file; move it away and a new one is begun.',
  ];
}

function beginning(reader: SqliteReader, path: string): number {
  const row = reader.row('system', changeLogKey(path));
  const value: unknown = row === null ? null : JSON.parse(row);
  const known = value !== null && typeof value === 'object' && 'afterSeq' in value;
  return known && typeof value.afterSeq === 'number' ? value.afterSeq : 0;
}

function entriesAfter(reader: SqliteReader, afterSeq: number): readonly LogEntry[] {
  const log = changeLogOf();
  const entries: LogEntry[] = [];
  for (const stored of reader.stored()) {
    const entry = log.take(sealedFromText(stored));
    if (entry !== null && entry.seq > afterSeq) entries.push(entry);
  }
  return entries;
}
