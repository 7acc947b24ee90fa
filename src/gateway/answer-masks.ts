// Masks the values of an answer that the provider's page names (an `exposes-secrets` read that may pass masked).
// What cannot be read as JSON is withheld: a mask that might miss is none.

import { Readable } from 'node:stream';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { HttpAnswer } from '../channels/http/port.ts';
import type { UpstreamAnswer } from '../execute/executor.ts';
import { reason } from '../platform/reason.ts';
import { refusedAnswer } from './answers.ts';
import { readAll } from './stream.ts';

const bytesMax = 8 * 1024 * 1024;
const mask = '[masked by Holdpoint]';

/** Replaces every leaf below a value by the mask, keeping its shape: names stay readable, values do not. */
function maskLeaves(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskLeaves);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskLeaves(each)]));
  return value === null ? null : mask;
}

function maskAt(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return maskLeaves(value);
  if (Array.isArray(value)) return value.map((each) => maskAt(each, path));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === first || first === '*' ? maskAt(each, rest) : each]),
  );
}

/** Masks by paths such as `data.variables`; arrays on the way are walked through. */
export function maskPaths(value: unknown, paths: readonly string[]): unknown {
  return paths.reduce((masked, path) => maskAt(masked, path.split('.')), value);
}

function decoded(bytes: Uint8Array, encoding: string): Uint8Array {
  const limit = { maxOutputLength: bytesMax };
  switch (encoding.toLowerCase()) {
    case '':
    case 'identity':
      return bytes;
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, limit);
    case 'br':
      return brotliDecompressSync(bytes, limit);
    case 'deflate':
      return inflateSync(bytes, limit);
    case 'zstd':
      return zstdDecompressSync(bytes, limit);
    default:
      throw new Error('unknown content encoding');
  }
}

const changedByMasking: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'etag',
]);

interface MaskedBytes {
  readonly headers: UpstreamAnswer['headers'];
  readonly body: Buffer;
}

/** Throws on what cannot be read as JSON. */
function maskedBytes(bytes: Uint8Array, headers: UpstreamAnswer['headers'], paths: readonly string[]): MaskedBytes {
  const encoding = headers.find(([name]) => name === 'content-encoding')?.[1] ?? '';
  const value: unknown = JSON.parse(Buffer.from(decoded(bytes, encoding)).toString());
  const body = Buffer.from(JSON.stringify(maskPaths(value, paths)));
  const kept = headers.filter(([name]) => !changedByMasking.has(name));
  return { headers: [...kept, ['content-length', String(body.length)]], body };
}

/** A whole answer for a hold's result; one that cannot be masked is replaced by the reason, since its deed is done. */
export function maskBytes(
  bytes: Uint8Array,
  headers: UpstreamAnswer['headers'],
  paths: readonly string[],
): MaskedBytes {
  try {
    return maskedBytes(bytes, headers, paths);
  } catch {
    return { headers: [['content-type', 'application/json']], body: Buffer.from(JSON.stringify(withheld)) };
  }
}

export async function maskAnswer(answer: UpstreamAnswer, paths: readonly string[]): Promise<HttpAnswer> {
  try {
    const { bytes, cut } = await readAll(answer.body, bytesMax);
    if (cut === 'cut') throw new Error('too long to mask');
    const { headers, body } = maskedBytes(bytes, answer.headers, paths);
    return { kind: 'upstream', status: answer.status, headers, body: Readable.from([body]) };
  } catch {
    return refusedAnswer(502, withheld);
  }
}

const withheld = reason(
  'answer-withheld',
  'The answer was withheld.',
  'It holds secrets, and it could not be read well enough to mask them.',
  'Ask your human for the value that you need.',
);
