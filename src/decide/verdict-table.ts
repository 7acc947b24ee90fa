// The verdict table as data: what becomes of an operation, by scope, by where it lands and by what it does.
// Nothing else in the project knows these answers; docs/reference/verdicts.md is checked against this file, and every
// cell is a test. Conditions that are not in the table (hosts, credentials, expiry) are decide.ts.

import type { VerdictKind } from '../action/action.ts';

/** `granted`: verified and named by the grant. `elsewhere`: any other, mixed or unknown environment. */
export type Where = 'granted' | 'elsewhere' | 'account';
/** Column. `read` is a plain read; whatever is not proven to be one stands in a worse column. */
export type Column = 'read' | 'write' | 'destructive';
export type ScopeState = 'missing' | 'granted';
export type DestructiveGrant = 'never' | 'confirm';

/** Why a cell says what it says; decide.ts puts it into words with the facts of the case. */
export type CellCode =
  | 'scope-missing'
  | 'within-grant'
  | 'read-elsewhere'
  | 'read-known-elsewhere'
  | 'write-elsewhere'
  | 'destructive-never'
  | 'destructive-needs-human';

export interface Cell {
  readonly scope: ScopeState;
  readonly where: Where;
  readonly column: Column;
  readonly destructive: DestructiveGrant;
  readonly verdict: VerdictKind;
  readonly code: CellCode;
  /** Verdict when the environment is known without a call; null: the same. Only reads elsewhere differ. */
  readonly known: { readonly verdict: VerdictKind; readonly code: CellCode } | null;
}

const wheres: readonly Where[] = ['granted', 'elsewhere', 'account'];
const columns: readonly Column[] = ['read', 'write', 'destructive'];
const destructives: readonly DestructiveGrant[] = ['never', 'confirm'];

type Answer = Pick<Cell, 'verdict' | 'code' | 'known'>;
const deny = (code: CellCode): Answer => ({ verdict: 'deny', code, known: null });
const allow = (code: CellCode): Answer => ({ verdict: 'allow', code, known: null });
const hold = (code: CellCode): Answer => ({ verdict: 'hold', code, known: null });

/** Rows of the table for a scope that is granted, by column. Destructive is answered by the grant's own word. */
const granted: Readonly<Record<Where, Readonly<Record<'read' | 'write', Answer>>>> = {
  granted: { read: allow('within-grant'), write: allow('within-grant') },
  elsewhere: {
    // A lookup must not cost a provider call, so a read is refused only where the request itself names the place.
    read: { verdict: 'allow', code: 'read-elsewhere', known: { verdict: 'deny', code: 'read-known-elsewhere' } },
    write: hold('write-elsewhere'),
  },
  account: { read: allow('within-grant'), write: hold('write-elsewhere') },
};
const destructive: Readonly<Record<DestructiveGrant, Answer>> = {
  never: deny('destructive-never'),
  confirm: hold('destructive-needs-human'),
};

function answer(scope: ScopeState, where: Where, column: Column, grantSays: DestructiveGrant): Answer {
  if (scope === 'missing') return deny('scope-missing');
  return column === 'destructive' ? destructive[grantSays] : granted[where][column];
}

/** All 36 cells. */
export const verdictTable: readonly Cell[] = (['missing', 'granted'] as const).flatMap((scope) =>
  wheres.flatMap((where) =>
    columns.flatMap((column) =>
      destructives.map((grantSays) => ({
        scope,
        where,
        column,
        destructive: grantSays,
        ...answer(scope, where, column, grantSays),
      })),
    ),
  ),
);

const byKey: ReadonlyMap<string, Cell> = new Map(
  verdictTable.map((cell) => [`${cell.scope} ${cell.where} ${cell.column} ${cell.destructive}`, cell]),
);

/** The cell for a case. Throws on what the table does not know: the caller denies. */
export function cellFor(scope: ScopeState, where: Where, column: Column, grantSays: DestructiveGrant): Cell {
  const cell = byKey.get(`${scope} ${where} ${column} ${grantSays}`);
  if (cell === undefined) throw new TypeError(`the verdict table has no cell for ${scope} ${where} ${column}`);
  return cell;
}

const order: Readonly<Record<VerdictKind, number>> = { allow: 0, hold: 1, deny: 2 };

/** deny > hold > allow. The only way verdicts combine. */
export function stricter(a: VerdictKind, b: VerdictKind): VerdictKind {
  return order[a] >= order[b] ? a : b;
}

/** True if a is at least as strict as b. */
export function atLeast(a: VerdictKind, b: VerdictKind): boolean {
  return order[a] >= order[b];
}
