// How well and how fast the readers read: precision and recall over the project's labelled cases, beside the guard that
// people write first (a test on method and URL), and microseconds per reading. Figures only; thresholds are in
// src/classify/cases.test.ts. Run by `npm run bench`.

import { readFileSync } from 'node:fs';
import type { ActionContent } from '../src/action/action.ts';
import { explainLine, httpContent } from '../src/classify/explain-line.ts';
import { loadReader, type Reader } from '../src/classify/reader.ts';
import { verdictOf } from '../src/cli/explain-verdict.ts';
import { pages } from '../src/providers/pages.ts';

interface Row {
  readonly channel: 'http' | 'sql' | 'mcp';
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly sql?: string;
  readonly tool?: string;
  readonly effect: string;
  readonly why?: string;
  readonly provider?: string;
  readonly ambiguous?: boolean;
}

interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly alarms: number;
  readonly missed: number;
}

/** The guard of the article's wrapper: method or URL names a deletion, a data store's path, or one of four verbs. */
function rivalStops(row: Row): boolean {
  const [method, url] = [row.method ?? '', row.url ?? ''];
  return /^delete$/i.test(method) || /\/(volumes|databases)\//i.test(url) || /drop|truncate|purge|wipe/i.test(url);
}

function rowsOf(channel: Row['channel']): readonly { readonly row: Row; readonly line: string }[] {
  const text = readFileSync(new URL(`../src/classify/cases/${channel}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => ({ line, row: JSON.parse(line) as Row }))
    .filter(({ row }) => row.ambiguous !== true);
}

function score(rows: readonly Row[], stops: (row: Row) => boolean): Score {
  const destroys = (row: Row) => row.effect === 'destructive' || row.effect === 'admin';
  const found = rows.filter((row) => destroys(row) && stops(row)).length;
  const stopped = rows.filter(stops).length;
  const all = rows.filter(destroys).length;
  const share = (part: number, whole: number) => (whole === 0 ? 1 : Math.round((part / whole) * 1000) / 1000);
  return { precision: share(found, stopped), recall: share(found, all), alarms: stopped - found, missed: all - found };
}

/** Median microseconds of one reading over five rounds. */
function microseconds(reader: Reader, contents: readonly ActionContent[], repeat: number): number {
  const rounds: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const start = performance.now();
    for (let at = 0; at < repeat; at += 1) for (const content of contents) reader.read(content);
    rounds.push(((performance.now() - start) * 1000) / (repeat * contents.length));
  }
  return Math.round((rounds.sort((a, b) => a - b)[2] ?? 0) * 100) / 100;
}

function content(method: string, url: string, body: string): ActionContent {
  const made = httpContent({ method, url, headers: [['accept', '*/*']], body: Buffer.from(body) });
  if (made === null) throw new TypeError(`not a URL: ${url}`);
  return made;
}

const samples: Readonly<Record<string, ActionContent>> = {
  'plain GET, other host': content('GET', 'https://docs.example.com/guide/intro?page=2', ''),
  'plain GET, governed host': content('GET', 'https://api.render.com/v1/services/srv-abc123/deploys', ''),
  'GraphQL query': content(
    'POST',
    'https://backboard.railway.com/graphql/v2',
    JSON.stringify({ query: 'query { me { id } }' }),
  ),
  'GraphQL volumeDelete': content(
    'POST',
    'https://backboard.railway.com/graphql/v2',
    JSON.stringify({ query: 'mutation($v: String!) { volumeDelete(volumeId: $v) }', variables: { v: '2f9b' } }),
  ),
  'SQL SELECT': { kind: 'sql', sql: 'SELECT id, name FROM users WHERE id = $1' },
};

/** Prints a table unless `json`; returns the figures. */
export async function run(options: { readonly json: boolean }): Promise<Record<string, unknown>> {
  const reader = await loadReader(pages);
  const scores: Record<string, Score> = {};
  for (const channel of ['http', 'sql', 'mcp'] as const) {
    const rows = rowsOf(channel);
    const stopped = new Set(
      rows.filter(({ line }) => explainLine(line, reader, verdictOf).effect === 'destructive').map(({ row }) => row),
    );
    scores[`holdpoint ${channel}`] = score([...rows.map(({ row }) => row)], (row) => stopped.has(row));
  }
  const http = rowsOf('http').map(({ row }) => row);
  scores['method and URL http'] = score(http, rivalStops);
  const missedByRival = http
    .filter((row) => row.effect === 'destructive' && !rivalStops(row))
    .map((row) => `${row.provider ?? '?'}: ${row.method ?? ''} ${row.url ?? ''} (${row.why ?? ''})`);
  const microsecondsPerReading = Object.fromEntries(
    Object.entries(samples).map(([name, sample]) => [name, microseconds(reader, [sample], 2_000)]),
  );
  const result = { scores, microsecondsPerReading, missedByRival };
  if (!options.json) print(result);
  return result;
}

function print(result: {
  readonly scores: Readonly<Record<string, Score>>;
  readonly microsecondsPerReading: Readonly<Record<string, number>>;
  readonly missedByRival: readonly string[];
}): void {
  console.table(result.scores);
  console.table(result.microsecondsPerReading);
  console.log(`Missed by a test on method and URL (${result.missedByRival.length}):`);
  for (const line of result.missedByRival) console.log(`  ${line}`);
}
