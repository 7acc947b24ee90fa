// `holdpoint explain`: what one action would do and what an agent would be told, offline and without a daemon.
// stdout carries only answers; the exit code is 0 whatever the verdicts. The reading itself is classify/.

import { Command } from 'commander';
import { type Explanation, explainContent, explainLine, httpContent } from '../classify/explain-line.ts';
import { loadReader, type Reader } from '../classify/reader.ts';
import { pages } from '../providers/pages.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

interface Options {
  readonly jsonl?: true;
  readonly json?: true;
  readonly method?: string;
  readonly url?: string;
  readonly header?: readonly string[];
  readonly body?: string;
  readonly sql?: string;
  readonly command?: string;
  readonly tool?: string;
}

export const verb: Verb = {
  build(io, done) {
    return new Command('explain')
      .description(
        'Say what an action would do, and the verdict for an agent with every scope and destructive: confirm.',
      )
      .option('--jsonl', 'read one JSON object per line from stdin and answer each with one line')
      .option('--json', 'answer as one JSON object')
      .option('--method <method>', 'HTTP method (default: POST with a body, else GET)')
      .option('--url <url>', 'address of an HTTP request')
      .option('--header <name:value...>', 'header of the HTTP request; may be repeated')
      .option('--body <text>', 'body of the HTTP request')
      .option('--sql <text>', 'one PostgreSQL query')
      .option('--command <text>', 'one command line')
      .option('--tool <name>', 'an MCP tool; its arguments are given as JSON in --body')
      .addHelpText(
        'after',
        '\nExample:\n  holdpoint explain --method POST --url https://backboard.railway.com/graphql/v2 \\\n    --body \'{"query":"mutation { volumeDelete(volumeId: \\"3d2c\\") }"}\'\n',
      )
      .action(async (options: Options) => {
        done(await run(options, io));
      });
  },
};

async function run(options: Options, io: Io): Promise<ExitCode> {
  const reader = await loadReader(pages);
  if (options.jsonl) {
    for await (const line of linesOf(io.stdin)) io.out(`${JSON.stringify(explainLine(line, reader))}\n`);
    return exitCodes.ok;
  }
  const explanation = explainOptions(options, reader);
  if (explanation === null) {
    io.err('Nothing to explain: give --url, --sql, --command, --tool or --jsonl. See holdpoint explain --help.\n');
    return exitCodes.usage;
  }
  io.out(options.json ? `${JSON.stringify(explanation)}\n` : describe(explanation));
  return exitCodes.ok;
}

function explainOptions(options: Options, reader: Reader): Explanation | null {
  if (options.sql !== undefined) return explainContent({ kind: 'sql', sql: options.sql }, reader);
  if (options.command !== undefined) return explainContent({ kind: 'shell', command: options.command }, reader);
  if (options.tool !== undefined) {
    return explainLine(
      JSON.stringify({ channel: 'mcp', tool: options.tool, arguments: argumentsFrom(options.body) }),
      reader,
    );
  }
  if (options.url === undefined) return null;
  const headers = (options.header ?? []).map((text) => {
    const at = text.indexOf(':');
    return [text.slice(0, at === -1 ? text.length : at).trim(), at === -1 ? '' : text.slice(at + 1).trim()] as const;
  });
  const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
  const content = httpContent({ method, url: options.url, headers, body: Buffer.from(options.body ?? '') });
  return content === null ? explainLine('', reader) : explainContent(content, reader);
}

function argumentsFrom(body: string | undefined): unknown {
  if (body === undefined) return null;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function describe(explanation: Explanation): string {
  const aspects = explanation.aspects.length === 0 ? '' : `, ${explanation.aspects.join(', ')}`;
  const lines = [
    `ACTION    ${explanation.operation}`,
    `EFFECT    ${explanation.effect}, ${explanation.basis}${aspects}`,
    `RECOVERY  ${explanation.recovery}`,
    `VERDICT   ${explanation.verdict}`,
  ];
  for (const { what, why, next } of explanation.reasons)
    lines.push(`  what  ${what}`, `  why   ${why}`, `  next  ${next}`);
  return `${lines.join('\n')}\n`;
}

/** Longest line that is kept; a longer one is answered as unreadable. */
const lineBytesMax = 8 * 1024 * 1024;

/** Lines of UTF-8, without blank ones. Decoded whole, so that a character cut between two chunks stays one. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  const flush = (): string => {
    const bytes = Buffer.concat(pending);
    pending = [];
    return bytes.length > lineBytesMax ? '!' : bytes.toString('utf8').replace(/\r$/, '');
  };
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk);
    for (let at = rest.indexOf(10); at !== -1; at = rest.indexOf(10)) {
      pending.push(rest.subarray(0, at));
      rest = rest.subarray(at + 1);
      const line = flush();
      if (line.trim() !== '') yield line;
    }
    if (rest.length > 0) pending.push(rest);
  }
  const last = flush();
  if (last.trim() !== '') yield last;
}
