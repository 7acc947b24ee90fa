// One PostgreSQL statement, judged by walking its whole tree: a DELETE in a CTE that nobody references still runs, and
// a SELECT's effect is the worst of the functions it calls. Parsing is parser.ts; tables are statement-table.ts.

import type { Aspect, Effect } from '../../action/effect.ts';
import { worseEffect } from '../../action/effect.ts';
import { functionRules, isHarmlessFunction } from './function-table.ts';
import { isNode, isOn, kindOf, type Node, optionsOf, stringOf } from './node.ts';
import { narrows } from './restriction.ts';
import { gentleAlterations, harmlessSettings, statementRules } from './statement-table.ts';

/** One thing that a statement does. */
export interface Deed {
  readonly effect: Effect;
  readonly says: string;
  readonly assumed: boolean;
  readonly aspects: readonly Aspect[];
}

/** What all its parts do; the first is the statement itself. */
export function deedsOf(statement: unknown): readonly Deed[] {
  const deeds: Deed[] = [];
  visit(statement, deeds);
  return deeds.length === 0 ? [deed('destructive', 'a statement of a kind that is not known', true)] : deeds;
}

export function worstOf(deeds: readonly Deed[]): Effect {
  return deeds.map((each) => each.effect).reduce(worseEffect, 'read');
}

function deed(effect: Effect, says: string, assumed = false, aspects: readonly Aspect[] = []): Deed {
  return { effect, says, assumed, aspects };
}

function visit(value: unknown, deeds: Deed[]): void {
  if (Array.isArray(value)) {
    for (const each of value) visit(each, deeds);
    return;
  }
  if (!isNode(value)) return;
  for (const [kind, body] of Object.entries(value)) {
    if (isNode(body) && visitKind(kind, body, deeds)) continue;
    visit(body, deeds);
  }
}

/** Judges one node; true: its children were dealt with here. */
function visitKind(kind: string, body: Node, deeds: Deed[]): boolean {
  const judge = special[kind];
  if (judge !== undefined) {
    const outcome = judge(body, deeds);
    deeds.push(...outcome.deeds);
    return outcome.stop;
  }
  const rule = statementRules[kind];
  if (rule !== undefined) {
    deeds.push(deed(rule.effect, rule.says, rule.admin === true, rule.aspects ?? []));
    return kind === 'ViewStmt' || kind === 'RuleStmt';
  }
  if (/^[A-Z]\w*Stmt$/.test(kind))
    deeds.push(deed('destructive', `a statement of kind ${kind} that no rule knows`, true));
  return false;
}

interface Outcome {
  readonly deeds: readonly Deed[];
  /** True: children are not statements that run. */
  readonly stop: boolean;
}

const go = (...deeds: readonly Deed[]): Outcome => ({ deeds, stop: false });
const halt = (...deeds: readonly Deed[]): Outcome => ({ deeds, stop: true });

const special: Readonly<Record<string, (body: Node, deeds: Deed[]) => Outcome>> = {
  SelectStmt: (body) =>
    go('intoClause' in body ? deed('write', 'SELECT INTO makes a table') : deed('read', 'SELECT reads')),
  PLAssignStmt: () => go(deed('destructive', 'a PL/pgSQL assignment outside a function', true)),
  ReturnStmt: () => go(deed('read', 'RETURN')),
  ExplainStmt: (body) => {
    const analyze = optionsOf(body.options).findLast((option) => option.name === 'analyze');
    const runs = optionsOf(body.options).some((option) => option.name === 'analyze' && isOn(option.arg));
    // PostgreSQL takes the last value, a pooler may take the first: any "on" counts.
    if (analyze === undefined || !runs) return halt(deed('read', 'EXPLAIN shows a plan and does not run it'));
    return go(deed('read', 'EXPLAIN ANALYZE runs the statement'));
  },
  DeclareCursorStmt: () => go(deed('read', 'DECLARE opens a cursor')),
  PrepareStmt: () => go(deed('read', 'PREPARE; what it prepares counts as run')),
  UpdateStmt: (body) => go(...judgeUpdate(body)),
  MergeStmt: (body) => go(...judgeMerge(body)),
  InsertStmt: (body) => go(...judgeInsert(body)),
  CopyStmt: (body) => go(...judgeCopy(body)),
  AlterTableStmt: (body) => go(...judgeAlterTable(body)),
  AlterTypeStmt: () => go(deed('write', 'ALTER TYPE')),
  AlterDomainStmt: (body) =>
    go(
      body.subtype === 'AD_DropConstraint' ? deed('destructive', 'ALTER DOMAIN … DROP') : deed('write', 'ALTER DOMAIN'),
    ),
  AlterOperatorStmt: () => go(deed('destructive', 'ALTER OPERATOR', true)),
  CreateFunctionStmt: (body) => halt(...judgeFunction(body)),
  AlterFunctionStmt: () => go(deed('destructive', 'ALTER FUNCTION', true)),
  VariableSetStmt: (body) => halt(...judgeSet(body)),
  TransactionStmt: (body) =>
    go(
      /PREPARE|PREPARED/.test(String(body.kind ?? ''))
        ? deed('destructive', 'two-phase commit holds locks until someone ends it', true)
        : deed('read', 'transaction control'),
    ),
  VacuumStmt: (body) =>
    go(
      optionsOf(body.options).some((option) => option.name === 'full' && isOn(option.arg))
        ? deed('destructive', 'VACUUM FULL rewrites under an exclusive lock', true)
        : deed('write', body.is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE'),
    ),
  ReindexStmt: (body) =>
    go(
      optionsOf(body.params).some((option) => option.name === 'concurrently') && body.kind !== 'REINDEX_OBJECT_DATABASE'
        ? deed('write', 'REINDEX CONCURRENTLY')
        : deed('destructive', 'REINDEX locks what it rebuilds', true),
    ),
  LockStmt: (body) =>
    go(
      Number(body.mode ?? 8) >= 7
        ? deed('destructive', 'LOCK TABLE shuts others out', true)
        : deed('write', 'LOCK TABLE'),
    ),
  DiscardStmt: (body) =>
    go(
      body.target === 'DISCARD_PLANS' || body.target === 'DISCARD_SEQUENCES'
        ? deed('write', 'DISCARD forgets plans')
        : deed('destructive', 'DISCARD resets role and settings of the session', true),
    ),
  FuncCall: (body) => go(...judgeCall(body)),
};

function judgeUpdate(body: Node): readonly Deed[] {
  if (narrows(body.whereClause)) return [deed('write', 'UPDATE of rows that its WHERE picks')];
  return [deed('destructive', 'UPDATE whose WHERE does not provably leave rows out')];
}

function judgeMerge(body: Node): readonly Deed[] {
  const clauses = Array.isArray(body.mergeWhenClauses) ? body.mergeWhenClauses : [];
  const commands = clauses.map((each: unknown) => (isNode(each) ? kindOf(each)[1] : {}));
  if (commands.some((each) => each.commandType === 'CMD_DELETE')) return [deed('destructive', 'MERGE deletes rows')];
  if (
    commands.some((each) => each.matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE' && each.commandType === 'CMD_UPDATE')
  ) {
    return [deed('destructive', 'MERGE overwrites all rows without a match')];
  }
  return [deed('write', 'MERGE')];
}

function judgeInsert(body: Node): readonly Deed[] {
  const conflict = isNode(body.onConflictClause) ? body.onConflictClause : null;
  const select = isNode(body.selectStmt) ? kindOf(body.selectStmt)[1] : {};
  const copies = !('valuesLists' in select) && 'fromClause' in select && !narrows(select.whereClause);
  if (conflict?.action === 'ONCONFLICT_UPDATE' && copies) {
    return [deed('destructive', 'INSERT … SELECT … ON CONFLICT DO UPDATE may overwrite every row')];
  }
  return [deed('write', 'INSERT')];
}

function judgeCopy(body: Node): readonly Deed[] {
  if (body.is_program === true)
    return [deed('destructive', 'COPY PROGRAM runs a command on the server', true, ['runs-code'])];
  if ('filename' in body) return [deed('destructive', 'COPY reaches a file of the server', true)];
  return [body.is_from === true ? deed('write', 'COPY … FROM STDIN') : deed('read', 'COPY … TO STDOUT')];
}

const guards = /Trig|RowSecurity|Rule|Constraint|Polic/;

function judgeAlterTable(body: Node): readonly Deed[] {
  const commands = Array.isArray(body.cmds) ? body.cmds : [];
  if (commands.length === 0) return [deed('destructive', 'ALTER TABLE without a command that is known', true)];
  return commands.map((each: unknown) => {
    const command = isNode(each) ? kindOf(each)[1] : {};
    const subtype = String(command.subtype ?? '');
    const says = `ALTER TABLE ${subtype
      .replace('AT_', '')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()}`;
    if (gentleAlterations.has(subtype)) return deed('write', says);
    return deed('destructive', says, subtype === 'AT_ChangeOwner', guards.test(subtype) ? ['removes-protection'] : []);
  });
}

const trustedLanguages = new Set(['sql', 'plpgsql', 'plv8', 'pltcl', 'plperl']);

function judgeFunction(body: Node): readonly Deed[] {
  const options = optionsOf(body.options);
  const language = stringOf(options.find((option) => option.name === 'language')?.arg) ?? 'sql';
  const definer = options.some((option) => option.name === 'security' && isOn(option.arg));
  if (!trustedLanguages.has(language.toLowerCase())) {
    return [deed('destructive', 'CREATE FUNCTION in a language that reaches the server', true, ['runs-code'])];
  }
  return [deed('write', 'CREATE FUNCTION', false, definer ? ['mints-access', 'runs-code'] : ['runs-code'])];
}

function judgeSet(body: Node): readonly Deed[] {
  const name = String(body.name ?? '');
  const known = harmlessSettings.has(name.toLowerCase()) || harmlessSettings.has(name);
  // `SET my.app = 1`: names with a dot belong to extensions and applications; row policies may read them.
  if (known && body.kind !== 'VAR_RESET_ALL') return [deed('write', `SET ${name}`)];
  return [
    deed(
      'destructive',
      `SET or RESET of ${name === '' ? 'all settings' : name} changes rights or how text is read`,
      true,
    ),
  ];
}

function judgeCall(body: Node): readonly Deed[] {
  const names = Array.isArray(body.funcname) ? body.funcname.map(stringOf) : [];
  const name = (names.at(-1) ?? '').toLowerCase();
  const schema = names.length > 1 ? (names.at(-2) ?? '') : '';
  if (name === 'set_config') return judgeSetConfig(body);
  const rule = functionRules.find((each) => each.names.test(name));
  if (rule !== undefined) {
    // `date_trunc` and its like match no rule; `array_remove` does, and is harmless.
    if (isHarmlessFunction(name) && (schema === '' || schema === 'pg_catalog')) return [];
    return [deed(rule.effect, `${name}() ${rule.says}`, true, rule.aspects ?? [])];
  }
  if (isHarmlessFunction(name) && (schema === '' || schema === 'pg_catalog')) return [];
  return [deed('read', `calls ${name}(), whose body is not known here`, true)];
}

function judgeSetConfig(body: Node): readonly Deed[] {
  const args = Array.isArray(body.args) ? body.args : [];
  const first: unknown = args[0];
  const name = isNode(first) && isNode(first.A_Const) ? stringOf(first.A_Const) : null;
  if (name !== null && harmlessSettings.has(name.toLowerCase())) return [deed('write', `set_config of ${name}`)];
  return [deed('destructive', 'set_config of a setting that is not known to be harmless', true)];
}
