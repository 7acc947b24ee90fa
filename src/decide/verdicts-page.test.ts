// docs/reference/verdicts.md says what the data says: its tables are compared with the rules, row by row.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Aspect } from '../action/effect.ts';
import {
  decideInput,
  grant,
  operation,
  policy,
  production,
  reading,
  resolution,
  staging,
} from '../testing/judged-cases.ts';
import { type DecideInput, decide } from './decide.ts';
import { type Cell, type Column, type DestructiveGrant, verdictTable } from './verdict-table.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/verdicts.md'), 'utf8');

/** Body rows of the first table below a heading. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function said(cell: Cell | undefined): string {
  if (cell === undefined) return 'no such cell';
  return cell.known === null ? cell.verdict : `${cell.verdict} (${cell.known.verdict} if known)`;
}

describe('docs/reference/verdicts.md', () => {
  it('shows the table as it is', () => {
    const cellOf = (scope: string, where: string, column: Column, says: DestructiveGrant) =>
      verdictTable.find(
        (each) => each.scope === scope && each.where === where && each.column === column && each.destructive === says,
      );
    const rows = [...new Set(verdictTable.map((cell) => `${cell.scope} ${cell.where}`))].map((key) => {
      const [scope = '', where = ''] = key.split(' ');
      return [
        scope,
        where,
        said(cellOf(scope, where, 'read', 'never')),
        said(cellOf(scope, where, 'write', 'never')),
        said(cellOf(scope, where, 'destructive', 'never')),
        said(cellOf(scope, where, 'destructive', 'confirm')),
      ];
    });
    expect(tableUnder('The table')).toEqual(rows);
  });

  it('shows what aspects do', () => {
    const rows = tableUnder('Aspects');
    expect(rows).toHaveLength(5);
    for (const [name = '', inside = '', outside = ''] of rows) {
      const aspect = name.replaceAll('`', '') as Aspect;
      const verdict = (place: typeof staging) =>
        decide(decideInput({ reading: reading([operation({ aspects: [aspect] })]), resolution: resolution([place]) }))
          .kind;
      expect(inside.split(',')[0]).toBe(verdict(staging) === 'allow' ? 'as a write' : verdict(staging));
      expect(outside.split(',')[0]).toBe(verdict(production));
    }
  });

  it('shows what hosts do', () => {
    const strict = policy({ hosts: { ...policy().hosts, strict: true } });
    const hosts: Readonly<Record<string, Partial<DecideInput>>> = {
      'ordinary (a human has listed it)': { host: { name: 'h', class: 'ordinary' } },
      other: { host: { name: 'h', class: 'other' } },
      'other, with `strict: true`': { host: { name: 'h', class: 'other' }, policy: strict },
      denied: { host: { name: 'h', class: 'other' }, hostDecisions: [{ agent: null, host: 'h', as: 'denied' }] },
    };
    const read = reading([operation({ effect: 'read' })]);
    const destroy = reading([operation({ effect: 'destructive' })]);
    const rows = Object.entries(hosts).map(([name, host]) => {
      const kind = (change: Partial<DecideInput>) => decide(decideInput({ resolution: null, ...host, ...change })).kind;
      const destroyed = [
        kind({ reading: destroy }),
        kind({ reading: destroy, grant: grant({ destructive: 'never' }) }),
      ].join(' ');
      return [
        name,
        kind({ reading: read }),
        kind({ reading: read, credentialState: { kind: 'carried', slot: 'cookie' } }),
        kind({}),
        destroyed === 'hold deny' ? 'as in the table' : destroyed.split(' ')[0],
      ];
    });
    expect(tableUnder('Hosts that belong to no provider')).toEqual(rows);
  });
});
