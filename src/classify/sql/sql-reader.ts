// SQL text -> operations, by PostgreSQL's own parser. Loaded once (the parser is WebAssembly), then synchronous.
// Text that PostgreSQL cannot parse is destructive, assumed, on the SQL channel; over HTTP, where the server may be
// another one, its dialect is tried by keyword (dialect.ts).

import { loadModule, parseSync } from 'libpg-query';
import type { Operation } from '../../action/action.ts';
import { operationFrom } from '../operation.ts';
import { judgeDialect } from './dialect.ts';
import { isNode, kindOf } from './node.ts';
import { type Deed, deedsOf, worstOf } from './statement.ts';

export interface SqlReader {
  /** PostgreSQL text, as on the wire. */
  readPostgres(sql: string): readonly Operation[];
  /** Text for a server that may speak another dialect. */
  readAnyDialect(sql: string): readonly Operation[];
}

/** A literal of megabytes blocks the parser for seconds; longer text is opaque. */
const sqlCharsMax = 1024 * 1024;

export async function loadSqlReader(): Promise<SqlReader> {
  await loadModule();
  return { readPostgres, readAnyDialect };
}

function readPostgres(sql: string): readonly Operation[] {
  const statements = parse(sql);
  if (statements === null) {
    return [assumed('SQL that does not parse', 'PostgreSQL would not read this text, or not as it is meant.')];
  }
  if (statements.length === 0) {
    return [
      operationFrom(
        { name: 'empty query', effect: 'read', basis: 'proven', because: 'There is no statement in it.' },
        'sql',
      ),
    ];
  }
  return statements.map(operationOf);
}

function readAnyDialect(sql: string): readonly Operation[] {
  const statements = parse(sql);
  const byKeyword = judgeDialect(sql);
  if (statements !== null) {
    const operations = statements.length === 0 ? readPostgres('') : statements.map(operationOf);
    // Backslashes, `#` and `/*!` mean other things in MySQL and its kin: then both readings count.
    const twoReadings = /\\|\/\*!|#/.test(sql) && byKeyword.effect === 'destructive';
    return twoReadings
      ? [...operations, assumed(`SQL ${byKeyword.keyword}`, 'Another dialect reads this text differently.')]
      : operations;
  }
  return [
    operationFrom(
      {
        name: `SQL ${byKeyword.keyword}`,
        effect: byKeyword.effect,
        basis: 'assumed',
        scope: 'databases',
        because: 'The text is no PostgreSQL; it was judged by its keywords.',
      },
      'sql',
    ),
  ];
}

function parse(sql: string): readonly unknown[] | null {
  if (sql.length > sqlCharsMax || sql.includes('\0')) return null;
  try {
    const tree: unknown = parseSync(sql);
    const statements = isNode(tree) ? (tree.stmts ?? []) : null;
    return Array.isArray(statements) ? statements : null;
  } catch {
    return null;
  }
}

function assumed(name: string, because: string): Operation {
  return operationFrom({ name, effect: 'destructive', basis: 'assumed', scope: 'databases', because }, 'sql');
}

function operationOf(statement: unknown): Operation {
  const inner = isNode(statement) ? statement.stmt : null;
  const deeds = deedsOf(inner);
  const effect = worstOf(deeds);
  const worst = deeds.filter((deed) => deed.effect === effect);
  const proven = effect === 'read' ? deeds.every((deed) => !deed.assumed) : worst.some((deed) => !deed.assumed);
  return operationFrom(
    {
      name: nameOf(inner, worst),
      effect,
      basis: proven ? 'proven' : 'assumed',
      recovery: effect === 'destructive' ? 'none' : effect === 'write' ? 'recreate' : 'undo',
      aspects: [...new Set(deeds.flatMap((deed) => deed.aspects))],
      scope: 'databases',
      because: `${worst
        .map((deed) => deed.says)
        .slice(0, 3)
        .join('; ')}.`,
    },
    'sql',
  );
}

/** `DELETE users`: keyword and the relation or object, from the tree; what it does comes from its worst part. */
function nameOf(statement: unknown, worst: readonly Deed[]): string {
  const [kind, body] = isNode(statement) ? kindOf(statement) : ['', {}];
  const keyword = keywordOf(kind);
  const relation = isNode(body.relation) ? body.relation.relname : null;
  const target = typeof relation === 'string' ? relation : droppedName(body);
  const own = target === null ? keyword : `${keyword} ${target}`;
  const hidden = worst[0];
  return worst.length > 0 && (kind === 'SelectStmt' || kind === 'ExplainStmt') && hidden?.effect !== 'read'
    ? `${own}: ${hidden?.says ?? ''}`
    : own;
}

const keywords: Readonly<Record<string, string>> = {
  DropStmt: 'DROP',
  TruncateStmt: 'TRUNCATE',
  AlterTableStmt: 'ALTER TABLE',
  IndexStmt: 'CREATE INDEX',
  CreateStmt: 'CREATE TABLE',
  ViewStmt: 'CREATE VIEW',
  VariableSetStmt: 'SET',
  VariableShowStmt: 'SHOW',
  TransactionStmt: 'TRANSACTION',
  CopyStmt: 'COPY',
  DoStmt: 'DO',
  CallStmt: 'CALL',
};

function keywordOf(kind: string): string {
  return (
    keywords[kind] ??
    kind
      .replace(/Stmt$/, '')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toUpperCase()
  );
}

function droppedName(body: { readonly [key: string]: unknown }): string | null {
  const objects = body.objects ?? body.relations;
  const text = JSON.stringify(Array.isArray(objects) ? objects.slice(0, 3) : []);
  const names = [...text.matchAll(/"(?:sval|relname)":"([^"\\]{1,80})"/g)].map((match) => match[1]);
  return names.length === 0 ? null : names.join(', ');
}
