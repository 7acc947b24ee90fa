// docs/reference/lifecycle.md is what people read about the order of things; here each of its cells is asked of advance().
// Set HOLDPOINT_WRITE_TABLE=1 to print the table as the code has it, then read the difference before keeping it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hold, HoldState } from '../hold/hold.ts';
import { approvalOf } from '../testing/people-pool.ts';
import { eventOf, playedAction, type Stage, standing } from '../testing/playbook.ts';
import { backupRequirement, delayMs, delayRequirement, heldHold, proofOf } from '../testing/release-case.ts';
import { sampleAtMs } from '../testing/sample-hold.ts';
import { advance } from './advance.ts';
import type { CaseState } from './state.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/lifecycle.md'), 'utf8');
/** After the delay, within the window: so that only the state decides. */
const nowMs = sampleAtMs + delayMs + 60_000;
const lapseMs = nowMs + 4_000_000;
const hold = heldHold();
const { reading, resolution } = hold;

const proofs = [proofOf(backupRequirement, sampleAtMs), proofOf(delayRequirement, sampleAtMs + delayMs)];
const yes = approvalOf('anna', hold.digest, sampleAtMs);
const atMs = sampleAtMs;

function holdCase(state: HoldState, parts: Partial<Hold> = {}): CaseState {
  return { at: 'held', hold: { ...hold, approvals: [yes], proofs, spentNonces: [yes.nonce], ...parts, state } };
}
const executed = { kind: 'executed', atMs, status: 200, after: null, collected: false } as const;

/** One case for each row; approved and delayed ones lack nothing but the release. */
const rows: Readonly<Record<string, CaseState>> = {
  new: { at: 'new' },
  requested: { at: 'requested', action: playedAction },
  classified: { at: 'classified', action: playedAction, reading, needs: 'decision' },
  'classified, place wanted': { at: 'classified', action: playedAction, reading, needs: 'resolution' },
  resolved: { at: 'resolved', action: playedAction, reading, resolution },
  allowed: { at: 'allowed', action: playedAction, reading, resolution },
  held: holdCase({ kind: 'held' }, { approvals: [], proofs: [], spentNonces: [] }),
  approved: holdCase({ kind: 'approved' }),
  delayed: holdCase({ kind: 'delayed', untilMs: sampleAtMs + delayMs }),
  released: holdCase({ kind: 'released', atMs }),
  'executed ok': holdCase({ ...executed, outcome: 'ok' }),
  'executed failed': holdCase({ ...executed, outcome: 'failed' }),
  'executed unknown': holdCase({ ...executed, outcome: 'unknown' }),
  settled: holdCase({ kind: 'settled', happened: 'happened', by: 'anna', atMs }),
  denied: holdCase({ kind: 'denied', by: 'anna', atMs }),
  cancelled: holdCase({ kind: 'cancelled', by: 'anna', atMs }),
  lapsed: holdCase({ kind: 'lapsed', atMs }),
  ended: { at: 'ended', how: 'denied' },
};

const columns = [
  'requested',
  'classified destructive',
  'resolved',
  'decided deny',
  'decided hold',
  'held',
  'proven',
  'approved',
  'delayed',
  'released',
  'executed ok',
  'collected',
  'denied',
  'cancelled',
  'lapsed',
  'reheld',
  'settled',
  'asked-again',
  'attached',
] as const;

function cell(state: CaseState, words: string): string {
  const stage: Stage = { state, nowMs: words === 'lapsed' ? lapseMs : nowMs, hold };
  const next = advance(state, eventOf(stage, words)).state;
  if (next === state) return '.';
  return standing(next) === standing(state) ? 'same, noted' : standing(next);
}

/** The table with events as rows: eighteen states would not fit across a page the other way round. */
function tableOf(): readonly string[] {
  return columns.map((words) => {
    const moves = Object.entries(rows).map(([name, state]) => [name, cell(state, words)] as const);
    const told = moves.filter(([, to]) => to !== '.').map(([from, to]) => `${from} → ${to}`);
    return `| \`${words}\` | ${told.join('; ') || 'nothing'} |`;
  });
}

describe('docs/reference/lifecycle.md', () => {
  const table = tableOf();
  if (process.env.HOLDPOINT_WRITE_TABLE === '1') console.log(table.join('\n'));

  it.each(table.map((row) => [row.slice(2, row.indexOf(' |', 2)), row] as const))(
    'tells what %s does',
    (_event, row) => {
      expect(page.split('\n')).toContain(row);
    },
  );

  it('has no row that the code does not have', () => {
    const told = page.split('\n').filter((line) => line.startsWith('| `'));
    expect([...told].sort()).toEqual([...table].sort());
  });

  it('names every state in its picture', () => {
    const picture = page.slice(page.indexOf('```'), page.lastIndexOf('```'));
    for (const name of Object.keys(rows)) expect(picture).toContain(name.split(/[ ,]/)[0]);
  });
});
