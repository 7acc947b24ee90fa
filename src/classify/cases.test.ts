// The labelled cases of this folder against the readers, with thresholds: what destroys is found, what does not is left
// alone, and no read is ever held or denied. Rows are operations of real providers; add those that were misread.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pages } from '../providers/pages.ts';
import { explainLine } from './explain-line.ts';
import { loadReader } from './reader.ts';

interface Row {
  readonly channel: string;
  readonly effect: 'read' | 'write' | 'destructive' | 'admin';
  readonly ambiguous?: boolean;
}

const reader = await loadReader(pages);

function linesOf(name: string): readonly string[] {
  return readFileSync(new URL(`./cases/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
}

describe.each<[string, number]>([
  ['http', 300],
  ['sql', 140],
  ['mcp', 55],
])('%s cases', (name, rowsMin) => {
  const rows = linesOf(name)
    .map((line) => ({ line, row: JSON.parse(line) as Row, got: explainLine(line, reader) }))
    .filter(({ row }) => row.ambiguous !== true);
  const mustHold = rows.filter(({ row }) => row.effect === 'destructive' || row.effect === 'admin');
  const found = mustHold.filter(({ got }) => got.effect === 'destructive');
  const alarms = rows.filter(({ got }) => got.effect === 'destructive');

  it('has enough rows of each effect', () => {
    expect(rows.length).toBeGreaterThanOrEqual(rowsMin);
    expect(mustHold.length).toBeGreaterThan(20);
    expect(rows.length - mustHold.length).toBeGreaterThan(20);
  });

  it('finds at least 98 of 100 that destroy', () => {
    expect(found.length / mustHold.length).toBeGreaterThanOrEqual(0.98);
  });

  it('raises at most 2 false alarms in 100', () => {
    expect(found.length / alarms.length).toBeGreaterThanOrEqual(0.98);
  });

  it('holds everything that destroys and is found', () => {
    expect(found.filter(({ got }) => got.verdict === 'allow').map(({ line }) => line)).toEqual([]);
  });

  it('neither holds nor denies a read', () => {
    const disturbed = rows.filter(({ row, got }) => row.effect === 'read' && got.verdict !== 'allow');
    expect(disturbed.map(({ line }) => line)).toEqual([]);
  });
});
