// Does a WHERE narrow an UPDATE to some rows, or does it only look so? `id = id`, `NOT false`, `EXISTS (SELECT 1)` and
// self joins do not. What is not recognised as narrowing counts as every row. A heuristic in one direction only: it can
// call a narrow clause wide, never a recognised tautology narrow.

import { isNode, kindOf, type Node } from './node.ts';

/** True if the clause compares a column with a given value, so that it can leave rows out. */
export function narrows(where: unknown): boolean {
  if (!isNode(where)) return false;
  const [kind, body] = kindOf(where);
  if (kind === 'BoolExpr') {
    const args = Array.isArray(body.args) ? body.args : [];
    if (body.boolop === 'AND_EXPR') return args.some(narrows);
    // `id >= 0 OR id < 0` is every row: alternatives count only as equalities.
    if (body.boolop === 'OR_EXPR') return args.length > 0 && args.every(pinsDown);
    return args.length === 1 && isBooleanColumn(args[0]);
  }
  if (kind === 'A_Expr') return comparisonNarrows(body);
  if (kind === 'NullTest') return body.nulltesttype === 'IS_NULL' && isColumn(body.arg);
  if (kind === 'BooleanTest') return isColumn(body.arg);
  if (kind === 'ColumnRef') return true;
  if (kind === 'CurrentOfExpr') return true;
  if (kind === 'SubLink') return sublinkNarrows(body);
  return false;
}

function pinsDown(node: unknown): boolean {
  if (!isNode(node)) return false;
  const [kind, body] = kindOf(node);
  if (kind === 'A_Expr' && body.kind !== 'AEXPR_IN' && body.kind !== 'AEXPR_OP_ANY' && operator(body) !== '=') {
    return body.kind === 'AEXPR_LIKE' || body.kind === 'AEXPR_ILIKE' ? narrows(node) : false;
  }
  return narrows(node);
}

function isBooleanColumn(node: unknown): boolean {
  return isNode(node) && kindOf(node)[0] === 'ColumnRef';
}

function comparisonNarrows(body: Node): boolean {
  const kind = body.kind;
  const left = body.lexpr;
  const right = body.rexpr;
  if (kind === 'AEXPR_IN') return operator(body) === '=' && hasColumn(left) && !hasColumn(right);
  if (kind === 'AEXPR_OP_ANY') return operator(body) === '=' && hasColumn(left) && !hasColumn(right);
  if (kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE')
    return operator(body).startsWith('~') && !/^%*$/.test(textOf(right) ?? 'x');
  if (kind === 'AEXPR_BETWEEN') return hasColumn(left) && !hasColumn(right) && !coversAll(right);
  if (kind !== 'AEXPR_OP' && kind !== 'AEXPR_NOT_DISTINCT') return false;
  const sides = [left, right];
  const fixed = sides.find((side) => !hasColumn(side));
  if (fixed === undefined || !sides.some(hasColumn)) return false;
  const name = operator(body);
  if (name === '=' || name === '@@' || name === '@>' || name === '<@' || name === '&&' || name === '~') return true;
  if (!['<', '<=', '>', '>='].includes(name)) return false;
  const bound = numberOf(fixed);
  // A numeric range next to the edge of its type is every row.
  return bound === null || (Math.abs(bound) > 1 && Math.abs(bound) < 2_147_483_000);
}

function coversAll(list: unknown): boolean {
  const bounds = JSON.stringify(list ?? null);
  return /214748364[78]|922337203685477580[78]|-?infinity/.test(bounds);
}

function sublinkNarrows(body: Node): boolean {
  const select = isNode(body.subselect) ? kindOf(body.subselect)[1] : {};
  return narrows(select.whereClause) || ('limitCount' in select && body.subLinkType !== 'EXISTS_SUBLINK');
}

function operator(body: Node): string {
  const names = body.name;
  const last: unknown = Array.isArray(names) ? names.at(-1) : null;
  const text = isNode(last) && isNode(last.String) ? last.String.sval : '';
  return typeof text === 'string' ? text : '';
}

function isColumn(node: unknown): boolean {
  return isNode(node) && 'ColumnRef' in node;
}

function hasColumn(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasColumn);
  if (!isNode(node)) return false;
  return 'ColumnRef' in node || Object.values(node).some(hasColumn);
}

function textOf(node: unknown): string | null {
  const constant = isNode(node) && isNode(node.A_Const) ? node.A_Const : {};
  const text = isNode(constant.sval) ? constant.sval.sval : null;
  return typeof text === 'string' ? text : null;
}

function numberOf(node: unknown): number | null {
  const constant = isNode(node) && isNode(node.A_Const) ? node.A_Const : null;
  if (constant === null)
    return isNode(node) && 'A_Expr' in node && !JSON.stringify(node).includes('sval":{') ? 0 : null;
  if (isNode(constant.ival)) return Number(constant.ival.ival ?? 0);
  if (isNode(constant.fval)) return Number(constant.fval.fval ?? 0);
  return null;
}
