// `journal export`: the journal as lines that the stand-alone verifier reads (docs/formats/journal.md, "Export").
// First a header, then events in order, each checkpoint after the last event it covers.

import { canonicalJson } from '../action/canonical.ts';
import type { SqliteReader } from '../storage/sqlite/sqlite-reader.ts';

export function exportJsonl(reader: SqliteReader, write: (line: string) => void): void {
  const notes = [...reader.checkpoints()];
  const header = { format: 'holdpoint-journal', v: 1, stream: reader.stream, verifierKey: reader.verifierKey };
  write(`${canonicalJson(header)}\n`);
  for (const { seq, text, leaf, chain } of reader.stored()) {
    // The sealed text goes out as it is, not parsed and written again: an export must show an edit, not heal it.
    write(`${text.slice(0, -1)},"leaf":"${leaf}","chain":"${chain}"}\n`);
    while (notes[0] !== undefined && notes[0].size <= seq) write(`${canonicalJson(notes.shift())}\n`);
  }
  for (const note of notes) write(`${canonicalJson(note)}\n`);
}

export function newestNote(reader: SqliteReader): string | null {
  return reader.checkpoints().at(-1)?.note ?? null;
}
