// One tool call of MCP: judged by the tool's name and its arguments. The server's annotations are claims of a stranger:
// `destructiveHint` may raise the effect, `readOnlyHint` never lowers it.

import type { Operation } from '../action/action.ts';
import { type Effect, worseEffect } from '../action/effect.ts';
import { alarmsOf, guardsSafety } from './http/body-rules.ts';
import { judgeName, wordsOf } from './lexicon.ts';
import { operationFrom, raise } from './operation.ts';
import { rescues } from './rescue.ts';
import { scopeOfName } from './scope.ts';
import type { SqlReader } from './sql/sql-reader.ts';

const source = 'mcp';
const runsSql = /(^|_)(sql|query|statement)(_|$)/;
const runsCode = /^(bash|shell|terminal|exec|execute|run|eval|computer|python|repl|command)$/;

export function readTool(tool: string, annotations: unknown, args: unknown, sql: SqlReader): readonly Operation[] {
  const words = wordsOf(tool);
  const hints = typeof annotations === 'object' && annotations !== null ? (annotations as Record<string, unknown>) : {};
  const inner = sqlTexts(args).flatMap((text) => sql.readAnyDialect(text));
  const base = inner.length > 0 && runsSql.test(words.join('_')) ? [] : [readName(tool, words)];
  const alarms = alarmsOf(args, {
    creates: /^(create|add)$/.test(words[0] ?? ''),
    guards: guardsSafety(tool),
    replaces: /^(set|replace)$/.test(words[0] ?? ''),
  });
  const claimed: Effect = hints['destructiveHint'] === true ? 'destructive' : 'read';
  const operations = [...base, ...inner];
  return operations.map((operation) => {
    const raised = alarms.reduce(
      (sum, alarm) =>
        raise(
          sum,
          {
            effect: operation.effect === 'read' && base.length > 0 ? 'read' : 'destructive',
            basis: 'assumed',
            ...alarm,
          },
          source,
        ),
      operation,
    );
    if (worseEffect(raised.effect, claimed) === raised.effect) return raised;
    return raise(
      raised,
      { effect: claimed, basis: 'assumed', because: 'The tool describes itself as destructive.' },
      source,
    );
  });
}

function readName(tool: string, words: readonly string[]): Operation {
  // A leading server name (`railway_volume_delete`, `mcp__github__delete_file`) is no verb; any danger counts.
  const judged = rescues(tool) ? ({ effect: 'write', word: 'rescue', aspects: [] } as const) : judgeName(tool);
  const code = words.some((word) => runsCode.test(word));
  const unknown = judged === null;
  return operationFrom(
    {
      name: tool,
      effect: unknown || code ? 'destructive' : judged.effect,
      // Only a name says that it reads: a claim, so it stays assumed.
      basis: judged?.effect === 'destructive' && !code ? 'proven' : 'assumed',
      aspects: [...(judged?.aspects ?? []), ...(code ? (['runs-code'] as const) : [])],
      scope: scopeOfName(tool),
      because: unknown
        ? 'A tool that no rule knows.'
        : code
          ? 'The tool runs what it is given.'
          : `The tool's name says ${judged.word}.`,
    },
    source,
  );
}

function sqlTexts(args: unknown): readonly string[] {
  if (typeof args !== 'object' || args === null) return [];
  return Object.entries(args).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string' && /^(sql|query|statement|stmt)$/i.test(name) && /^\s*[(;]?\s*[a-z]+\s+\S/i.test(value)
      ? [value]
      : [],
  );
}
