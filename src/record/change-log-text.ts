// The change log as text: for a terminal, as Markdown, and as the section of a project's own file. Texts of others stand
// in code spans, where Markdown and HTML read nothing. The section can be checked against the journal because every
// entry's text follows from the journal alone.

import { inertShort } from '../hold/inert-text.ts';
import type { LogEntry, SessionReads } from './change-log.ts';
import { codeSpan } from './free-words.ts';

export const beginMarker = '<!-- holdpoint:begin -->';
export const endMarker = '<!-- holdpoint:end -->';

/** What stands between the begin marker and the first entry. */
export const preamble =
  'Written by Holdpoint, the gateway between AI agents and infrastructure. Do not edit between the markers:\n' +
  '`holdpoint journal verify --changelog <this file>` compares every entry with the journal.\n';

/** `2026-04-24 14:03:11 UTC`. */
export function timeText(atMs: number): string {
  const iso = Number.isFinite(atMs) && Math.abs(atMs) <= 8.64e15 ? new Date(atMs).toISOString() : 'not known';
  return iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
}

export function entryText(entry: LogEntry): string {
  const width = Math.max(...entry.lines.map(([label]) => label.length), 0);
  const head = `${timeText(entry.atMs)}  ${inertShort(entry.agent ?? 'holdpoint')}  ${entry.outcome.toUpperCase()}`;
  const lines = entry.lines.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
  const hold = entry.holdId === null ? '' : ` ${inertShort(entry.holdId)}`;
  return `${[head, ...lines, `  journal ${entry.seq} ${entry.leaf}${hold}`].join('\n')}\n`;
}

/** One entry of the project's file, ending in a newline; begins with `### ` and has no other line that does. */
export function entryMarkdown(entry: LogEntry): string {
  const head = `### ${timeText(entry.atMs)} — ${codeSpan(inertShort(entry.agent ?? 'holdpoint'))} — ${entry.outcome}`;
  const lines = entry.lines.map(([label, text]) => `- ${label}: ${codeSpan(text)}`);
  const hold = entry.holdId === null ? '' : ` ${codeSpan(inertShort(entry.holdId))}`;
  return `${[head, '', ...lines, `- journal: ${entry.seq} ${entry.leaf}${hold}`].join('\n')}\n`;
}

export function readsText(reads: SessionReads): string {
  const hosts = Math.max(reads.hosts.length, reads.hostCount);
  const last = `${timeText(reads.lastAtMs)}  ${inertShort(reads.agent ?? 'holdpoint')}`;
  return `${last}  ${reads.reads} ${reads.reads === 1 ? 'read' : 'reads'} of ${hosts} ${hosts === 1 ? 'host' : 'hosts'}\n`;
}

/** Seq of an entry as its own text names it; null if it names none. */
export function seqOfBlock(block: string): number | null {
  const match = /\n- journal: ([1-9][0-9]{0,15}) [0-9a-f]{16}(?: `[^`\n]*`)?\n$/.exec(block);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** A file cut at the markers; `section` is what lies between them. */
export type SplitFile =
  | { readonly kind: 'section'; readonly before: string; readonly section: string; readonly after: string }
  | { readonly kind: 'no-section' }
  | { readonly kind: 'ambiguous'; readonly why: string };

/** Markers count only as whole lines, and only once: with two sections there would be two truths. */
export function splitFile(text: string): SplitFile {
  const begins = linesEqual(text, beginMarker);
  const ends = linesEqual(text, endMarker);
  const [begin] = begins;
  const [end] = ends;
  if (begin === undefined && end === undefined) return { kind: 'no-section' };
  if (begin === undefined || end === undefined) return { kind: 'ambiguous', why: 'one of the two markers is missing' };
  if (begins.length > 1 || ends.length > 1) return { kind: 'ambiguous', why: 'a marker stands there twice' };
  if (end.from < begin.to) return { kind: 'ambiguous', why: 'the end marker stands before the begin marker' };
  return {
    kind: 'section',
    before: text.slice(0, begin.to),
    section: text.slice(begin.to, end.from),
    after: text.slice(end.from),
  };
}

function linesEqual(text: string, line: string): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + line.length)) {
    const rest = text.slice(at + line.length, at + line.length + 2);
    const ends = rest === '' || rest.startsWith('\n') || rest === '\r\n';
    const starts = at === 0 || text[at - 1] === '\n';
    const newline = rest.startsWith('\n') ? 1 : rest === '\r\n' ? 2 : 0;
    if (starts && ends) found.push({ from: at, to: at + line.length + newline });
  }
  return found;
}

/** The section's blocks: what precedes the first entry, then one string for each entry. */
export function blocksOf(section: string): readonly string[] {
  return section.split(/(?=^### )/m);
}

export type SectionCheck =
  | { readonly kind: 'matches'; readonly entries: number }
  | {
      readonly kind: 'differs';
      readonly what: 'edited' | 'removed' | 'invented' | 'moved';
      readonly seq: number | null;
      readonly why: string;
    };

/** Compares a section with the entries that the journal gives, in order, and names the first that differs. */
export function checkSection(section: string, expected: readonly LogEntry[]): SectionCheck {
  const [head, ...blocks] = blocksOf(section);
  const known = new Map(expected.map((entry, index) => [entry.seq, index]));
  if (head !== `${preamble}\n`) {
    return { kind: 'differs', what: 'edited', seq: null, why: 'The lines before the first entry are not ours.' };
  }
  for (const [index, entry] of expected.entries()) {
    const block = blocks[index];
    if (block === `${entryMarkdown(entry)}\n`) continue;
    const seq = block === undefined ? null : seqOfBlock(block.replace(/\n$/, ''));
    const place = seq === null ? undefined : known.get(seq);
    if (block === undefined || (place !== undefined && place > index)) {
      return { kind: 'differs', what: 'removed', seq: entry.seq, why: `The entry of event ${entry.seq} is missing.` };
    }
    if (seq === entry.seq) {
      return { kind: 'differs', what: 'edited', seq, why: `The entry of event ${seq} is not what the journal says.` };
    }
    return foreign(seq, place, entry.seq);
  }
  const extra = blocks[expected.length];
  if (extra === undefined) return { kind: 'matches', entries: expected.length };
  const seq = seqOfBlock(extra.replace(/\n$/, ''));
  return foreign(seq, seq === null ? undefined : known.get(seq), null);
}

function foreign(seq: number | null, place: number | undefined, before: number | null): SectionCheck {
  const where = before === null ? 'after the last entry' : `before the entry of event ${before}`;
  if (place !== undefined)
    return { kind: 'differs', what: 'moved', seq, why: `The entry of event ${seq} stands again ${where}.` };
  const named = seq === null ? 'An entry without a journal number' : `An entry that names event ${seq}`;
  return { kind: 'differs', what: 'invented', seq, why: `${named} stands ${where}, and the journal has none there.` };
}
