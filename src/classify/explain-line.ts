// One line of `explain --jsonl`: from what a caller writes to ActionContent, and from a Reading to the answer's fields.
// A line that cannot be read is destructive, assumed, denied: callers may pipe untrusted text through it.

import type { ActionContent, Reading, VerdictKind } from '../action/action.ts';
import type { Aspect, Basis, Effect, Recovery } from '../action/effect.ts';
import { type Reason, reason } from '../platform/reason.ts';
import { explainVerdict } from './explain.ts';
import { parseStrictJson } from './http/strict-json.ts';
import { unreadableReading } from './operation.ts';
import type { Reader } from './reader.ts';

/** The answer of `explain`; the fields and their order are a contract (docs/reference/explain.md). */
export interface Explanation {
  readonly effect: Effect;
  readonly basis: Basis;
  readonly recovery: Recovery;
  readonly aspects: readonly Aspect[];
  readonly operation: string;
  readonly verdict: VerdictKind;
  readonly reasons: readonly Pick<Reason, 'what' | 'why' | 'next'>[];
}

/** Explains one line of JSON text; total. */
export function explainLine(line: string, reader: Reader): Explanation {
  const parsed = parseStrictJson(line);
  const content = parsed.kind === 'json' ? contentFrom(parsed.value) : null;
  if (content === null) return explanationOf(unreadableReading(badLine, 'a line that cannot be read', null));
  return explainContent(content, reader);
}

export function explainContent(content: ActionContent, reader: Reader): Explanation {
  return explanationOf(reader.read(content));
}

const badLine = reason(
  'line-unreadable',
  'The line is refused.',
  'It is not one JSON object with a known channel and the fields of that channel.',
  'See docs/reference/explain.md for the four forms.',
);

function explanationOf(reading: Reading): Explanation {
  const verdict = explainVerdict(reading);
  return {
    effect: reading.effect,
    basis: reading.basis,
    recovery: reading.recovery,
    aspects: reading.aspects,
    operation: reading.operation,
    verdict: verdict.kind,
    reasons: verdict.reasons.map(({ what, why, next }) => ({ what, why, next })),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function contentFrom(value: unknown): ActionContent | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const fields = value as Fields;
  switch (fields.channel) {
    case 'shell':
      return typeof fields.command === 'string' ? { kind: 'shell', command: fields.command } : null;
    case 'sql':
      return typeof fields.sql === 'string' ? { kind: 'sql', sql: fields.sql } : null;
    case 'mcp':
      return typeof fields.tool === 'string'
        ? {
            kind: 'mcp',
            tool: fields.tool,
            annotations: fields.annotations ?? null,
            arguments: fields.arguments ?? null,
          }
        : null;
    case 'http':
      return httpFrom(fields);
    default:
      return null;
  }
}

function httpFrom(fields: Fields): ActionContent | null {
  const { method, url } = fields;
  const body = bodyFrom(fields);
  const headers = headersFrom(fields.headers ?? null);
  if (typeof method !== 'string' || typeof url !== 'string' || body === null || headers === null) return null;
  return httpContent({ method, url, headers, body });
}

/** An outgoing request from a URL as a person writes it; null if the URL is none. The path keeps its exact bytes. */
export function httpContent(parts: {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}): ActionContent | null {
  const match = /^(https?):\/\/([^/?#]+)([^#]*)/i.exec(parts.url);
  if (match === null || !URL.canParse(parts.url)) return null;
  const parsed = new URL(parts.url);
  const scheme = parsed.protocol === 'http:' ? 'http' : 'https';
  const rest = match[3] ?? '';
  return {
    kind: 'http',
    request: {
      method: parts.method,
      scheme,
      host: parsed.hostname
        .toLowerCase()
        .replace(/^\[|\]$/g, '')
        .replace(/\.$/, ''),
      port: parsed.port === '' ? (scheme === 'https' ? 443 : 80) : Number(parsed.port),
      path: rest.startsWith('/') ? rest : `/${rest}`,
      headers: parts.headers.map(([name, value]) => [name.toLowerCase(), value] as const),
      body: parts.body,
    },
  };
}

function bodyFrom(fields: Fields): Uint8Array | null {
  const { body = null, bodyBase64 = null } = fields;
  if (body !== null && bodyBase64 !== null) return null;
  if (typeof bodyBase64 === 'string') {
    return /^[A-Za-z0-9+/_-]*={0,2}$/.test(bodyBase64) ? Buffer.from(bodyBase64, 'base64') : null;
  }
  if (bodyBase64 !== null) return null;
  if (body === null) return new Uint8Array();
  // A body that is written as JSON instead of text stands for its text.
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function headersFrom(value: unknown): readonly (readonly [string, string])[] | null {
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return null;
  const pairs: (readonly [string, string])[] = [];
  for (const [name, given] of Object.entries(value) as [string, unknown][]) {
    for (const each of Array.isArray(given) ? given : [given]) {
      if (typeof each !== 'string') return null;
      pairs.push([name, each]);
    }
  }
  return pairs;
}
