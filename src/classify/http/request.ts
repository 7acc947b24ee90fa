// One request in the form that the readers behind it share: method, path segments, query, body, page of its host.
// Overrides of the method that disagree, and paths that two servers would resolve differently, are unreadable.
// Counterpart: body.ts, which says what the body is.

import { headerValues, type OutgoingRequest } from '../../action/request.ts';
import { reason } from '../../platform/reason.ts';
import type { Unreadable } from '../operation.ts';
import type { PageIndex } from '../pages.ts';
import type { ProviderPage } from '../provider-page.ts';
import { type Body, type Field, fieldsOf, readBody } from './body.ts';

export interface HttpRequest {
  readonly kind: 'request';
  /** The method sent; `override` is the one that a server may take instead. */
  readonly method: string;
  readonly override: string | null;
  readonly host: string;
  /** Path as sent, without query. */
  readonly path: string;
  /** Decoded, without empty ones. */
  readonly segments: readonly string[];
  readonly query: readonly Field[];
  readonly body: Body;
  readonly page: ProviderPage | null;
  readonly raw: OutgoingRequest;
}

const overrideHeaders = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;
const methodWord = /^[A-Za-z]{3,20}$/;

export function normalise(raw: OutgoingRequest, index: PageIndex): HttpRequest | Unreadable {
  const cut = raw.path.indexOf('?');
  const path = cut === -1 ? raw.path : raw.path.slice(0, cut);
  const segments = segmentsOf(path);
  if (segments === null)
    return twoReadings(
      'path',
      'Its path climbs (`..`), holds a NUL or cannot be decoded; servers resolve that differently.',
    );
  const query = cut === -1 ? [] : fieldsOf(raw.path.slice(cut + 1).replace(/#.*$/, ''));
  const body = readBody(raw);
  if (body.kind === 'unreadable') return body;
  const overrides = new Set(overridesOf(raw, query, body).map((name) => name.toUpperCase()));
  if (overrides.size > 1) return twoReadings('method-overrides', 'Its method overrides disagree.');
  const [override = null] = overrides;
  const page = index.page(raw.host);
  return {
    kind: 'request',
    method: raw.method.toUpperCase(),
    override,
    host: raw.host,
    path,
    segments,
    query,
    body,
    page,
    raw,
  };
}

function twoReadings(code: string, why: string): Unreadable {
  return {
    kind: 'unreadable',
    reason: reason(
      code,
      'The request is refused: it does not have exactly one reading.',
      why,
      'Send it once more in one plain form.',
    ),
  };
}

function segmentsOf(path: string): readonly string[] | null {
  const segments: string[] = [];
  for (const part of path.split('/')) {
    if (part === '') continue;
    let segment = part;
    try {
      segment = part.includes('%') ? decodeURIComponent(part) : part;
    } catch {
      return null;
    }
    if (segment === '..' || segment === '.' || segment.includes('\0') || /(^|[\\/])\.\.([\\/]|$)/.test(segment))
      return null;
    segments.push(segment);
  }
  return segments;
}

function overridesOf(raw: OutgoingRequest, query: readonly Field[], body: Body): readonly string[] {
  const found: string[] = overrideHeaders.flatMap((name) => headerValues(raw, name));
  const fields = body.kind === 'form' ? [...query, ...body.fields] : query;
  for (const [name, value] of fields) {
    if ((name === '_method' || overrideHeaders.some((each) => each === name.toLowerCase())) && methodWord.test(value))
      found.push(value);
  }
  if (body.kind === 'json' && typeof body.value === 'object' && body.value !== null && !Array.isArray(body.value)) {
    const value: unknown = (body.value as Record<string, unknown>)._method;
    if (typeof value === 'string' && methodWord.test(value)) found.push(value);
  }
  return found.map((each) => each.trim());
}

/** First value of a query or form field, by exact name; null if absent. */
export function fieldOf(fields: readonly Field[], name: string): string | null {
  return fields.find(([key]) => key === name)?.[1] ?? null;
}

/** A JSON object body, or an empty object. */
export function jsonObject(body: Body): Readonly<Record<string, unknown>> {
  const value = body.kind === 'json' ? body.value : null;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** `METHOD /path`, the name of an operation that has no better one. */
export function restName(request: HttpRequest): string {
  return `${request.override ?? request.method} ${request.path}`;
}
