// The texts of a request in which a credential could stand, each with the name of its place. Bodies are looked at as
// bytes (latin1), also under gzip, deflate, br and zstd up to a bound: what cannot be decoded is the reader's refusal.

import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { header, type OutgoingRequest } from '../action/request.ts';

export interface PlacedText {
  /** `header x-api-key`, `path`, `body`. Header names are lower case; a name that is no token is not repeated. */
  readonly place: string;
  readonly text: string;
}

const decodedMax = 8 * 1024 * 1024;

export function textsOf(request: OutgoingRequest, skip: ReadonlySet<string>): readonly PlacedText[] {
  const headers = request.headers
    .filter(([name]) => !skip.has(name))
    .map(([name, text]) => ({ place: placeOfHeader(name), text }));
  const body = decodedBody(request);
  return [
    ...headers,
    { place: 'path', text: request.path },
    ...(request.body.length === 0 ? [] : [{ place: 'body', text: Buffer.from(request.body).toString('latin1') }]),
    ...(body === null ? [] : [{ place: 'body', text: body.toString('latin1') }]),
  ];
}

export function placeOfHeader(name: string): string {
  return /^[a-z0-9-]{1,40}$/.test(name) ? `header ${name}` : 'a header';
}

function decodedBody(request: OutgoingRequest): Buffer | null {
  const encoding = header(request, 'content-encoding')?.trim().toLowerCase() ?? '';
  const bound = { maxOutputLength: decodedMax };
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(request.body, bound);
    if (encoding === 'deflate') return inflateSync(request.body, bound);
    if (encoding === 'br') return brotliDecompressSync(request.body, bound);
    if (encoding === 'zstd') return zstdDecompressSync(request.body, bound);
  } catch {
    // The reader denies a body that is not what its Content-Encoding says; there is nothing to add here.
  }
  return null;
}
