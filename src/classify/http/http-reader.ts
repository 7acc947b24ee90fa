// HTTP -> Reading, the order that holds: normalise; protocols with their own operations (GraphQL, AWS, Kubernetes, …);
// the provider's rule; SQL inside; rules over the body; words of the path; the method. The worst of all parts wins.
// The plain GET of the proxy's hot path is decided from its head alone.

import type { Operation, Reading } from '../../action/action.ts';
import type { OutgoingRequest } from '../../action/request.ts';
import { saysDanger } from '../lexicon.ts';
import { opaque, readingFrom, unreadableReading } from '../operation.ts';
import type { PageIndex } from '../pages.ts';
import type { ProviderPage } from '../provider-page.ts';
import { scopeOfPath } from '../scope.ts';
import type { SqlReader } from '../sql/sql-reader.ts';
import { isAws, readAws } from './aws.ts';
import { readElasticsearch } from './elasticsearch.ts';
import { readGraphql } from './graphql.ts';
import { graphqlCallsOf, isGraphqlEndpoint } from './graphql-call.ts';
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
  const page = readers.index.page(raw.host);
  const plain = readPlainHead(raw, page, readers.index);
  if (plain !== null) return plain;
  const request = normalise(raw, readers.index);
  if (request.kind === 'unreadable') {
    return unreadableReading(request.reason, `${raw.method} ${raw.path.split('?')[0]}`, page?.name ?? null);
  }
  return readingFrom(readRequest(request, readers), page?.name ?? null);
}

const rareHeaders = new Set([
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-amz-target',
  'upgrade',
]);
const plainText = /^[\x21-\x24\x26-\x7e]{1,180}$/;
const telling =
  /secret|credential|token|reveal|query|graphql|decrypt|private|password|_method|config|env|\.\.|whoami|schema|keys?\b/i;

const plainEvidence = [{ source: 'http', says: 'Its method reads and nothing in it says otherwise.' }] as const;

/** A GET or HEAD without body, override, danger word or rule: nothing but its method says what it does. Null otherwise. */
function readPlainHead(raw: OutgoingRequest, page: ProviderPage | null, index: PageIndex): Reading | null {
  if ((raw.method !== 'GET' && raw.method !== 'HEAD') || raw.body.length > 0) return null;
  if (!plainText.test(raw.path) || saysDanger(raw.path) || telling.test(raw.path)) return null;
  if (raw.headers.some(([name]) => rareHeaders.has(name))) return null;
  const cut = raw.path.indexOf('?');
  const path = cut === -1 ? raw.path : raw.path.slice(0, cut);
  const segments = path.split('/').filter((part) => part !== '');
  if (page !== null && (page.name === 'upstash' || page.graphqlPath === path || index.rulesReads(page, segments)))
    return null;
  const operation: Operation = {
    name: `${raw.method} ${path}`,
    effect: 'read',
    basis: 'proven',
    recovery: 'undo',
    aspects: [],
    scope: scopeOfPath(segments),
    targets: [],
    account: false,
    bypass: [],
    evidence: plainEvidence,
    masks: [],
  };
  const { effect, basis, recovery, aspects, name, evidence } = operation;
  const provider = page?.name ?? null;
  return {
    effect,
    basis,
    recovery,
    aspects,
    operation: name,
    provider,
    operations: [operation],
    plain: true,
    unreadable: null,
    evidence,
  };
}

function readRequest(request: HttpRequest, readers: HttpReaders): readonly Operation[] {
  const { index, sql } = readers;
  const calls = graphqlCallsOf(request);
  if (calls !== null) {
    const operations = calls.flatMap((call) => readGraphql(call, request.page, index));
    return [...operations, ...besides(request, index, isGraphqlEndpoint(request))];
  }
  const rpc = readJsonRpc(request, sql);
  if (rpc !== null) return [...rpc, ...besides(request, index, false)];
  const inner = isS3(request.host) ? [] : readInnerSql(request, sql);
  const action = readS3(request) ?? readAws(request, index);
  if (action !== null)
    return [
      ...action,
      ...innerOf(inner, action),
      ...(isS3(request.host) ? [] : besides(request, index, request.segments.length === 0)),
    ];
  const spoken = readRedis(request) ?? readKubernetes(request) ?? readPostgrest(request) ?? readElasticsearch(request);
  if (spoken !== null) return [...spoken, ...innerOf(inner, spoken)];
  return readOther(request, inner, index);
}

function readOther(request: HttpRequest, inner: readonly Operation[], index: PageIndex): readonly Operation[] {
  const rest = readRest(request, index);
  const batch = innerRequests(request).flatMap((each) => readRest(each, index));
  // Where the body is a statement, the path (`/query`, `/raw`, `/pipeline`) does nothing by itself.
  const runs = inner.length > 0 && rest.every((operation) => operation.effect !== 'destructive');
  const own = runs && isExecutor(request) ? [] : rest;
  const binary = request.body.kind === 'bytes' && isAws(request.host) ? [opaque('a binary body', 'http')] : [];
  return [...own, ...inner, ...batch, ...binary];
}

/**
 * A body or header that speaks a protocol says nothing about the path it is sent to: `DELETE /volumes/1` with a harmless
 * JSON-RPC body still deletes. What method and path say stays, unless this is the protocol's own endpoint and method.
 */
function besides(request: HttpRequest, index: PageIndex, ownEndpoint: boolean): readonly Operation[] {
  const usual = request.override === null && (request.method === 'POST' || request.method === 'GET');
  if (usual && ownEndpoint) return [];
  const rest = readRest(request, index);
  return usual && request.page === null ? rest.filter((operation) => operation.effect === 'destructive') : rest;
}

/** An action that only executes text (`ExecuteStatement`) is what its text is; any other keeps its own effect too. */
function innerOf(inner: readonly Operation[], spoken: readonly Operation[]): readonly Operation[] {
  return spoken.some((operation) => /Statement|Sql|Query/i.test(operation.name))
    ? inner
    : inner.filter((each) => each.effect === 'destructive');
}

const executor =
  /(^|[/:_-])(sql|query|queries|execute|batchexecute|executesql|executestreamingsql|pipeline|raw|statements|read-only)$/i;

/** Only a POST or GET to a path that is made for statements is what its statements are. */
function isExecutor(request: HttpRequest): boolean {
  if (request.override !== null || (request.method !== 'POST' && request.method !== 'GET')) return false;
  return (
    executor.test(request.path) ||
    request.segments.length === 0 ||
    (request.host === 'bigquery.googleapis.com' && request.segments.at(-1) === 'jobs')
  );
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
