// SQL that PostgreSQL's parser does not read: other dialects over HTTP (ClickHouse, InfluxQL, D1's PRAGMA, PartiQL).
// Judged by leading keyword, after strings and comments are out of the way; any doubt is destructive, assumed.

import type { Effect } from '../../action/effect.ts';

const readers = new Set(
  'select show describe desc explain with values table exists list help use pragma check from get scan ask match'.split(
    ' ',
  ),
);
const writers = new Set(
  'insert create upsert optimize analyze begin commit start end savepoint release set attach unwind'.split(' '),
);
const dangerous =
  /\b(delete|drop|truncate|alter|update|replace|merge|grant|revoke|rename|kill|system|exchange|detach|undrop|outfile|dumpfile|overwrite|load|call|exec|execute|remove|purge|copy|into|intersystems|do|reset|shutdown|handler|export|unload)\b/i;

/** Takes quoted text and comments out; null: a quote or comment does not end, so boundaries are not known. */
export function withoutQuotes(sql: string): string | null {
  const pattern = /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`[^`]*`|--[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?\*\//g;
  const left = sql.replace(pattern, ' x ');
  return /['"`]|\/\*/.test(left) ? null : left;
}

/** Effect of text in an unknown dialect; never better than what its keywords show. */
export function judgeDialect(sql: string): { readonly effect: Effect; readonly keyword: string } {
  const bare = withoutQuotes(sql);
  if (bare === null) return { effect: 'destructive', keyword: 'text' };
  const statements = bare
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (statements.length === 0) return { effect: 'read', keyword: 'nothing' };
  let effect: Effect = 'read';
  let keyword = '';
  for (const statement of statements) {
    const first = /^[\s(]*([A-Za-z_]+)/.exec(statement)?.[1]?.toLowerCase() ?? '';
    const judged = judgeStatement(first, statement);
    if (keyword === '' || (judged !== 'read' && effect === 'read') || judged === 'destructive') keyword = first;
    if (judged === 'destructive' || (judged === 'write' && effect === 'read')) effect = judged;
  }
  return { effect, keyword };
}

function judgeStatement(first: string, statement: string): Effect {
  const rest = statement.slice(statement.toLowerCase().indexOf(first) + first.length);
  if (first === 'insert')
    return dangerous.test(rest.replace(/^\s*(or\s+ignore\s+)?into\b/i, '')) ? 'destructive' : 'write';
  if (first === 'pragma') return /=|\(/.test(rest) ? 'destructive' : 'read';
  if (readers.has(first)) return dangerous.test(rest) ? 'destructive' : 'read';
  if (writers.has(first)) return dangerous.test(rest) || first === 'set' ? 'destructive' : 'write';
  if (first === 'update' && /\bwhere\b[^;]*[=<>]\s*(x|\?|:|\$|@|\d)/i.test(rest)) return 'write';
  return 'destructive';
}
