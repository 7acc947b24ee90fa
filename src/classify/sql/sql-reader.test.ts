// PostgreSQL's statements by what they do, and text that only another dialect reads. The labelled set is
// ../cases/sql.jsonl; here stand the traps, each with its reason.

import { describe, expect, it } from 'vitest';
import type { Effect } from '../../action/effect.ts';
import { loadSqlReader } from './sql-reader.ts';
import { worstOf } from './statement.ts';

const reader = await loadSqlReader();
const worst = (operations: readonly { readonly effect: Effect }[]) =>
  worstOf(operations.map(({ effect }) => ({ effect, says: '', assumed: false, aspects: [] })));

describe('readPostgres', () => {
  it.each<[string, Effect, 'proven' | 'assumed', string]>([
    ['WITH d AS (DELETE FROM t RETURNING 1) SELECT 1', 'destructive', 'proven', 'an unreferenced CTE runs'],
    [
      'EXPLAIN (ANALYZE off, ANALYZE on) DELETE FROM t',
      'destructive',
      'proven',
      'the last option wins, any "on" counts',
    ],
    ['EXPLAIN (ANALYZE off) DELETE FROM t', 'read', 'proven', 'only a plan'],
    ['DO $$ BEGIN NULL; END $$', 'destructive', 'assumed', 'a block is not judged'],
    ["COPY t TO PROGRAM 'x'", 'destructive', 'assumed', 'a command of the server'],
    ['COPY (DELETE FROM t RETURNING *) TO STDOUT', 'destructive', 'proven', 'the query of a COPY runs'],
    ['UPDATE t SET a = 1 WHERE id = id', 'destructive', 'proven', 'a tautology'],
    ['UPDATE t SET a = 1 WHERE id = $1', 'write', 'proven', 'one row'],
    ['UPDATE t SET a = 1 WHERE id = 1 OR true', 'destructive', 'proven', 'an alternative that is always true'],
    ['UPDATE t SET a = 1 WHERE id = 1 AND true', 'write', 'proven', 'a conjunct narrows'],
    ['UPDATE t SET a = 1 WHERE id IN (SELECT id FROM t)', 'destructive', 'proven', 'a subquery that is everything'],
    ["UPDATE t SET a = 1 WHERE id IN (SELECT id FROM t WHERE b = 'x')", 'write', 'proven', 'a subquery that narrows'],
    ['SELECT f(1)', 'read', 'assumed', 'a function that is not known'],
    ['SELECT lower(a) FROM t', 'read', 'proven', 'a function that is known'],
    ['SELECT evil.lower(a) FROM t', 'read', 'assumed', 'a function of another schema under a known name'],
    ['SET ROLE postgres', 'destructive', 'assumed', 'rights'],
    ['SET standard_conforming_strings = off', 'destructive', 'assumed', 'how text is read'],
    ["SET statement_timeout = '5s'", 'write', 'proven', 'a limit of one session'],
    ['ALTER TABLE t ADD COLUMN a int, DROP COLUMN b', 'destructive', 'proven', 'the worst sub-command'],
    ['select from where', 'destructive', 'assumed', 'does not parse'],
    ['select 1\0', 'destructive', 'assumed', 'a NUL'],
    ['', 'read', 'proven', 'nothing'],
    ['-- only a comment', 'read', 'proven', 'nothing'],
  ])('%s -> %s, %s (%s)', (sql, effect, basis, _because) => {
    const [first] = [...reader.readPostgres(sql)].sort((a, b) =>
      a.effect === 'destructive' ? -1 : b.effect === 'destructive' ? 1 : 0,
    );
    expect([first?.effect, first?.basis]).toEqual([effect, basis]);
  });

  it('counts several statements as several operations', () => {
    expect(
      reader.readPostgres('SELECT 1; DROP TABLE a, b; UPDATE t SET a = 1 WHERE b = 2').map(({ name }) => name),
    ).toEqual(['SELECT', 'DROP a, b', 'UPDATE t']);
  });
});

describe('readAnyDialect', () => {
  it.each<[string, Effect, string]>([
    ['SELECT * FROM `a`.`b` LIMIT 1', 'read', 'backticks'],
    ['SHOW TABLES LIKE `drop`', 'read', 'MySQL'],
    ['OPTIMIZE TABLE t', 'write', 'ClickHouse'],
    ['ALTER TABLE t DELETE WHERE 1', 'destructive', 'ClickHouse'],
    ['DROP MEASUREMENT cpu', 'destructive', 'InfluxQL'],
    ['PRAGMA table_info', 'read', 'SQLite'],
    ['PRAGMA writable_schema = 1', 'destructive', 'SQLite'],
    ['REPLACE INTO t VALUES (1)', 'destructive', 'deletes and inserts'],
    ['INSERT OR IGNORE INTO t VALUES (1)', 'write', 'SQLite'],
    ['SELECT 1 /*! ; DROP TABLE t */', 'destructive', 'a comment that MySQL runs'],
    ["SELECT '\\'; DROP TABLE t; -- '", 'destructive', 'a backslash that PostgreSQL does not escape with'],
    ['SELECT * FROM `a` INTO OUTFILE "/x"', 'destructive', 'writes a file'],
    ['FROBNICATE `t`', 'destructive', 'not known'],
    ["SELECT `a` FROM 'unended", 'destructive', 'a quote that does not end'],
  ])('%s -> %s (%s)', (sql, effect, _because) => {
    expect(worst(reader.readAnyDialect(sql))).toBe(effect);
  });
});
