// HTTP -> Reading, the order that holds: normalise; protocols with their own operations (GraphQL, AWS, Kubernetes, …);
// the provider's rule; SQL inside; rules over the body; words of the path; the method. The worst of all parts wins.
// The plain GET of the proxy's hot path is decided from its head alone.

import type { Operation, Reading } from '../../action/action.ts';
import { header, type OutgoingRequest } from '../../action/request.ts';
import { saysDanger } from '../lexicon.ts';
import { opaque, operationFrom, readingFrom, unreadableReading } from '../operation.ts';
import type { PageIndex } from '../pages.ts';
import { scopeOfPath } from '../scope.ts';
import type { SqlReader } from '../sql/sql-reader.ts';
import { isAws, readAws } from './aws.ts';
import { readElasticsearch } from './elasticsearch.ts';
import { readGraphql } from './graphql.ts';
import { graphqlCallsOf } from './graphql-call.ts';
import { readInnerSql } from './inner-sql.ts';
import { readJsonRpc } from './json-rpc.ts';
import { readKubernetes } from './kubernetes.ts';
import { readPostgrest } from './postgrest.ts';
import { readRedis } from './redis.ts';
import { type HttpRequest, jsonObject, normalise } from './request.ts';
import { readRest } from './rest.ts';
import { isS3, readS3 } from './s3.ts';

export interface HttpReaders {
  readonly index: PageIndex;
  readonly sql: SqlReader;
}

export function readHttp(raw: OutgoingRequest, readers: HttpReaders): Reading {
  const provider = readers.index.page(raw.host)?.name ?? null;
  if (isPlainHead(raw, readers.index)) return plainReading(raw, provider);
  const request = normalise(raw, readers.index);
  if (request.kind === 'unreadable') {
    return unreadableReading(request.reason, `${raw.method} ${raw.path.split('?')[0]}`, provider);
  }
  return readingFrom(readRequest(request, readers), provider);
}

const rareHeaders = new Set([
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-amz-target',
  'upgrade',
]);

/** A GET or HEAD without body, override, danger word or rule: nothing but its method can say what it does. */
function isPlainHead(raw: OutgoingRequest, index: PageIndex): boolean {
  if ((raw.method !== 'GET' && raw.method !== 'HEAD') || raw.body.length > 0) return false;
  if (
    saysDanger(raw.path) ||
    raw.path.includes('%') ||
    raw.path.includes('..') ||
    /secret|credential|token|reveal|query|graphql|decrypt|private|password|_method|config|env/i.test(raw.path)
  )
    return false;
  if (raw.headers.some(([name]) => rareHeaders.has(name))) return false;
  const page = index.page(raw.host);
  return (
    page === null ||
    (!page.operations.some((rule) => rule.rest?.method === 'GET' || rule.rest?.method === '*') &&
      page.name !== 'upstash' &&
      page.graphqlPath === null)
  );
}

function plainReading(raw: OutgoingRequest, provider: string | null): Reading {
  const path = raw.path.split('?')[0] ?? raw.path;
  const scope = scopeOfPath(path.split('/').filter((part) => part !== ''));
  return readingFrom(
    [
      operationFrom(
        {
          name: `${raw.method} ${path}`,
          effect: 'read',
          basis: 'proven',
          scope,
          because: 'Its method reads and nothing in it says otherwise.',
        },
        'http',
      ),
    ],
    provider,
  );
}

function readRequest(request: HttpRequest, readers: HttpReaders): readonly Operation[] {
  const { index, sql } = readers;
  const calls = graphqlCallsOf(request);
  if (calls !== null) {
    const operations = calls.flatMap((call) => readGraphql(call, request.page, index));
    return request.override === null ? operations : [...operations, ...readRest(request, index)];
  }
  const spoken =
    readJsonRpc(request, sql) ??
    readAws(request, index) ??
    readS3(request) ??
    readRedis(request) ??
    readKubernetes(request) ??
    readPostgrest(request) ??
    readElasticsearch(request);
  const inner = isS3(request.host) ? [] : readInnerSql(request, sql);
  if (spoken !== null) return [...spoken, ...innerOf(inner, spoken)];
  const rest = readRest(request, index);
  const batch = innerRequests(request).flatMap((each) => readRest(each, index));
  // Where the body is a statement, the path (`/query`, `/raw`, `/pipeline`) does nothing by itself.
  const runs = inner.length > 0 && rest.every((operation) => operation.effect !== 'destructive');
  const own = runs && isExecutor(request) ? [] : rest;
  const binary = request.body.kind === 'bytes' && isAws(request.host) ? [opaque('a binary body', 'http')] : [];
  return [...own, ...inner, ...batch, ...binary];
}

/** An action that only executes text (`ExecuteStatement`) is what its text is; any other keeps its own effect too. */
function innerOf(inner: readonly Operation[], spoken: readonly Operation[]): readonly Operation[] {
  return spoken.some((operation) => /Statement|Sql|Query/i.test(operation.name))
    ? inner
    : inner.filter((each) => each.effect === 'destructive');
}

const executor =
  /(^|[/:_-])(sql|query|queries|executesql|executestreamingsql|pipeline|raw|statements|read-only|execute|jobs)$/i;

function isExecutor(request: HttpRequest): boolean {
  return executor.test(request.path) || request.segments.length === 0;
}

const innerMethods = /^(GET|HEAD|POST|PUT|PATCH|DELETE)$/i;

/** Requests inside a request (`{"requests":[{"method":"DELETE","url":"/…"}]}`): each counts. */
function innerRequests(request: HttpRequest): readonly HttpRequest[] {
  const found: HttpRequest[] = [];
  const value: unknown = request.body.kind === 'json' ? request.body.value : null;
  const lists = Array.isArray(value) ? [value] : Object.values(jsonObject(request.body)).filter(Array.isArray);
  for (const each of lists.flat().slice(0, 500)) {
    if (typeof each !== 'object' || each === null) continue;
    const { method, url, path, relative_url: relative, body } = each as Record<string, unknown>;
    const where = [url, path, relative].find((text) => typeof text === 'string');
    if (typeof method !== 'string' || !innerMethods.test(method) || typeof where !== 'string') continue;
    const bare = where.replace(/^https?:\/\/[^/]+/, '').split('?')[0] ?? '/';
    const json =
      typeof body === 'object' && body !== null
        ? ({ kind: 'json', value: body, text: '' } as const)
        : ({ kind: 'empty' } as const);
    found.push({
      ...request,
      method: method.toUpperCase(),
      override: null,
      path: bare,
      segments: bare.split('/').filter(Boolean),
      body: json,
    });
  }
  return found;
}

/** True for a WebSocket handshake: what runs comes in frames, which the channel hands over one by one. */
export function opensSocket(raw: OutgoingRequest): boolean {
  return /websocket/i.test(header(raw, 'upgrade') ?? '');
}
