// SQL that travels in HTTP bodies and query strings (Supabase, Neon, D1, Turso, RDS Data, BigQuery, ClickHouse, Influx):
// finds the text and hands it to the SQL reader. The path only helps to find it; whatever is found is judged.

import type { Operation } from '../../action/action.ts';
import type { SqlReader } from '../sql/sql-reader.ts';
import type { HttpRequest } from './request.ts';

const sqlMember = /^(sql|query|statement|statements|queries|stmt|q|sqlstatement|sqls|querystring|rawquery|ksql)$/i;
const looksLikeSql =
  /^[\s(;]*(--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(select|with|insert|update|delete|drop|truncate|alter|create|grant|revoke|merge|replace|explain|show|describe|pragma|begin|commit|rollback|set|reset|do|call|copy|vacuum|reindex|analyze|refresh|comment|lock|values|table|execute|prepare|declare|fetch|optimize|rename|attach|detach|system|kill|use|exec|load|import|export|unload|discard|notify|listen|cluster|reassign|security|start|end|savepoint|upsert|undrop)\b/i;
const sqlPath =
  /(^|[/:_-])(sql|query|queries|executesql|executestreamingsql|execute|batchexecutestatement|pipeline|raw|migrations|statements|jobs|read-only|partitionquery|ddl)$/i;
const textsMax = 200;

/** SQL texts of a request with the effect of each; empty: it carries none. */
export function readInnerSql(request: HttpRequest, sql: SqlReader): readonly Operation[] {
  return textsOf(request).flatMap((text) => sql.readAnyDialect(text));
}

export function textsOf(request: HttpRequest): readonly string[] {
  const { body, query } = request;
  const found: string[] = [];
  const searching = request.method === 'GET' && isSearch(request);
  for (const [name, value] of query) {
    if (searching && /^(q|query)$/i.test(name)) continue;
    if (/^(q|query|sql|statement)$/i.test(name) && isStatement(value, request)) found.push(value);
  }
  if (body.kind === 'json') collect(body.value, null, found, request);
  if (body.kind === 'lines') for (const value of body.values) collect(value, null, found, request);
  if (body.kind === 'form') {
    for (const [name, value] of body.fields) if (sqlMember.test(name) && isStatement(value, request)) found.push(value);
  }
  if (body.kind === 'text' && isStatement(body.text, request)) found.push(body.text);
  if (body.kind === 'parts') {
    for (const part of body.parts) {
      if (part.body.kind === 'text' && isStatement(part.body.text, request)) found.push(part.body.text);
      if (part.body.kind === 'json') collect(part.body.value, null, found, request);
    }
  }
  return found;
}

/** What only SQL looks like, wherever it stands: a keyword and what must follow it. */
const shape =
  /^[\s(;]*(--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(delete\s+from|drop\s+(table|database|schema|index|view|user|role|function|materialized|keyspace|measurement|series|column|type|extension|policy|trigger|sequence|owned|collection)|truncate\s|alter\s+(table|database|role|user|system|schema|type|column)|update\s+\S+\s+set|insert\s+into|merge\s+into|create\s+(or|table|index|unique|view|database|schema|user|role|function|extension|temp|materialized)|grant\s+\S+.*\sto\s|revoke\s+\S+.*\sfrom\s|select\s[\s\S]*\sfrom\s|select\s+[\d\w'*(]+\s*(\(|$|;)|with\s+\S+[\s\S]*\sas\s)/i;
const searches = /(^|[/_:])(search|find|suggest|autocomplete)$/i;

export function looksLikeStatement(text: string): boolean {
  return shape.test(text);
}

/** A GET whose path is made for searching, or a provider's own list: its `q` is what is looked for. */
function isSearch(request: HttpRequest): boolean {
  return !sqlPath.test(request.path) && request.segments.some((segment) => /^_?search$/i.test(segment));
}

/** A search box may hold `drop` or a sentence that begins with "update": text counts where SQL is sent or looks like it. */
function isStatement(text: string, request: HttpRequest): boolean {
  if (searches.test(request.path)) return false;
  const sent = sqlPath.test(request.path) || request.segments.length === 0;
  return sent ? looksLikeSql.test(text) : shape.test(text);
}

function collect(value: unknown, member: string | null, into: string[], request: HttpRequest): void {
  if (into.length > textsMax) return;
  if (typeof value === 'string') {
    if (member !== null && sqlMember.test(member) && isStatement(value, request)) into.push(value);
    return;
  }
  if (Array.isArray(value)) {
    for (const each of value) collect(each, member, into, request);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, each] of Object.entries(value)) collect(each, name, into, request);
}
