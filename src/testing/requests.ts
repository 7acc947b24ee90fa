// Requests for tests of the readers: short to write, exact in what they send. Not used outside tests.

import type { ActionContent } from '../action/action.ts';
import type { OutgoingRequest } from '../action/request.ts';

export interface RequestParts {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export function requestOf(parts: RequestParts): OutgoingRequest {
  return {
    method: parts.method ?? 'GET',
    scheme: 'https',
    host: parts.host ?? 'api.example.com',
    port: 443,
    path: parts.path ?? '/',
    headers: Object.entries(parts.headers ?? {}),
    body: typeof parts.body === 'string' ? Buffer.from(parts.body) : (parts.body ?? new Uint8Array()),
  };
}

export function httpOf(parts: RequestParts): ActionContent {
  return { kind: 'http', request: requestOf(parts) };
}

/** A GraphQL call to Railway, as JSON. */
export function railwayOf(body: unknown, parts: RequestParts = {}): ActionContent {
  return httpOf({
    method: 'POST',
    host: 'backboard.railway.com',
    path: '/graphql/v2',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...parts,
  });
}
