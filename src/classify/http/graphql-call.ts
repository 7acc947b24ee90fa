// Finds GraphQL calls in a request: JSON, batch arrays, forms, raw documents, the query string, WebSocket frames.
// The body is read by what it is, so a mutation sent under any path and any label is found. Judging is graphql.ts.

import { header } from '../../action/request.ts';
import type { Body } from './body.ts';
import type { GraphqlCall } from './graphql.ts';
import { fieldOf, type HttpRequest } from './request.ts';

const graphqlPath = /\/(graphql|gql)(\.json|\/v\d+|\/internal|\/private)?\/?$/i;
/** GraphQL ends a comment at a carriage return as well. */
const documentStart = /^[\s\ufeff,]*(#[^\n\r]*[\n\r][\s\ufeff,]*)*(\{|query\b|mutation\b|subscription\b|fragment\b)/;

/** Null if this is not GraphQL. An empty call on a GraphQL path is opaque, not nothing. */
export function graphqlCallsOf(request: HttpRequest): readonly GraphqlCall[] | null {
  const endpoint = isGraphqlEndpoint(request);
  const fromQuery = callFromFields(request.query, endpoint);
  const fromBody = callsFromBody(request, endpoint);
  const calls = [...(fromQuery === null ? [] : [fromQuery]), ...fromBody];
  if (calls.length > 0) return calls;
  if (!endpoint) return null;
  const empty: GraphqlCall = { query: null, variables: null, operationName: null, hash: null };
  const socket = /websocket/i.test(header(request.raw, 'upgrade') ?? '');
  // A GET without a document shows the playground; a handshake opens a way for documents.
  return request.method === 'GET' && !socket && request.body.kind === 'empty' ? null : [empty];
}

/** True on a path that is made for GraphQL, however it is spelled: servers decode it, merge slashes, drop `;x`. */
export function isGraphqlEndpoint(request: HttpRequest): boolean {
  const plain = plainPath(request.segments);
  const own = request.page?.graphqlPath ?? null;
  if (own !== null && plain === own.toLowerCase()) return true;
  return graphqlPath.test(request.path) || graphqlPath.test(plain);
}

function plainPath(segments: readonly string[]): string {
  // A segment may hold a slash of its own once it is decoded.
  const parts = segments.flatMap((segment) => segment.split('/')).map((part) => part.replace(/;.*$/, ''));
  return `/${parts.filter((part) => part !== '').join('/')}`.toLowerCase();
}

function callFromFields(fields: readonly (readonly [string, string])[], endpoint: boolean): GraphqlCall | null {
  const query = fieldOf(fields, 'query');
  const extensions = parsed(fieldOf(fields, 'extensions'));
  const hash = hashOf({ extensions }) ?? fieldOf(fields, 'documentId') ?? fieldOf(fields, 'queryId');
  if (query === null && (hash === null || !endpoint)) return null;
  if (query !== null && !endpoint && !documentStart.test(query)) return null;
  const names = fields.filter(([name]) => name === 'operationName');
  const several = fields.filter(([name]) => name === 'query').length > 1;
  return {
    query: several ? null : query,
    variables: parsed(fieldOf(fields, 'variables')),
    operationName: names.length === 1 ? (names[0]?.[1] ?? null) : null,
    hash,
  };
}

function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function callsFromBody(request: HttpRequest, endpoint: boolean): readonly GraphqlCall[] {
  const { body } = request;
  const queryName = fieldOf(request.query, 'operationName');
  if (body.kind === 'json') return callsFromJson(body.value, endpoint).map((call) => withName(call, queryName));
  if (body.kind === 'lines')
    return body.values.flatMap((value) => callsFromJson(value, endpoint)).map((call) => withName(call, queryName));
  if (body.kind === 'form') {
    const call = callFromFields(body.fields, endpoint);
    return call === null ? (endpoint ? [opaqueCall] : []) : [withName(call, queryName)];
  }
  if (body.kind === 'text')
    return documentStart.test(body.text) && (endpoint || looksWhole(body.text))
      ? [{ query: body.text, variables: null, operationName: queryName, hash: null }]
      : endpoint
        ? [opaqueCall]
        : [];
  if (body.kind === 'parts') {
    return body.parts
      .flatMap((part) => callsFromPart(part.name, part.body, endpoint))
      .map((call) => withName(call, queryName));
  }
  return endpoint && body.kind !== 'empty' ? [opaqueCall] : [];
}

/**
 * The upload specification runs the part `operations`; other servers take a part `query` as a form's field. Whichever it
 * is, both count. Parts that are neither are files.
 */
function callsFromPart(name: string, body: Body, endpoint: boolean): readonly GraphqlCall[] {
  if (body.kind === 'json') return name === 'map' ? [] : callsFromJson(body.value, endpoint);
  if (body.kind === 'text' && (endpoint ? documentStart.test(body.text) : looksWhole(body.text)))
    return [{ query: body.text, variables: null, operationName: null, hash: null }];
  return endpoint && /^(query|operations|operationname|mutation|extensions)$/i.test(name) ? [opaqueCall] : [];
}

const opaqueCall: GraphqlCall = { query: null, variables: null, operationName: null, hash: null };

/** Query string and body may name different operations; then no name counts, and all operations do. */
function withName(call: GraphqlCall, other: string | null): GraphqlCall {
  return other !== null && other !== call.operationName ? { ...call, operationName: null } : call;
}

function looksWhole(text: string): boolean {
  return /^\s*(query|mutation|subscription)\b[^{]*\{/.test(text) && text.trimEnd().endsWith('}');
}

function callsFromJson(value: unknown, endpoint: boolean): readonly GraphqlCall[] {
  if (Array.isArray(value)) {
    const calls = value.map((each: unknown) => callsFromJson(each, endpoint));
    const some = calls.some((each) => each.length > 0);
    return some ? calls.flatMap((each) => (each.length === 0 ? [opaqueCall] : each)) : endpoint ? [opaqueCall] : [];
  }
  if (typeof value === 'string')
    return endpoint && documentStart.test(value)
      ? [{ query: value, variables: null, operationName: null, hash: null }]
      : endpoint
        ? [opaqueCall]
        : [];
  if (typeof value !== 'object' || value === null) return endpoint ? [opaqueCall] : [];
  const members = value as Readonly<Record<string, unknown>>;
  const payload = members.payload;
  const query = members.query;
  const frame = typeof members.type === 'string' && endpoint ? callsFromFrame(members.type, payload) : null;
  // A server that takes POST reads `query` and knows no frames: `{"type":"ping","query":"mutation …"}` runs.
  if (frame !== null && query === undefined && hashOf(members) === null) return frame;
  const isDocument = typeof query === 'string' && (endpoint || documentStart.test(query));
  const hash = hashOf(members);
  if (!isDocument) return endpoint ? [{ ...opaqueCall, hash }] : [];
  const name = members.operationName;
  const variables = members.variables;
  return [
    ...(frame ?? []),
    {
      query,
      variables: typeof variables === 'string' ? parsed(variables) : variables,
      operationName: typeof name === 'string' && name !== '' ? name : null,
      hash,
    },
  ];
}

/** Frames of graphql-transport-ws and its elder: only subscribe and start carry a document. */
function callsFromFrame(type: string, payload: unknown): readonly GraphqlCall[] {
  if (/^(connection_init|ping|pong|complete|stop|connection_terminate)$/.test(type)) {
    return [{ query: '{ __typename }', variables: null, operationName: null, hash: null }];
  }
  return type === 'subscribe' || type === 'start' ? callsFromJson(payload, true) : [opaqueCall];
}

function hashOf(members: Readonly<Record<string, unknown>>): string | null {
  const extensions = members.extensions;
  const persisted =
    typeof extensions === 'object' && extensions !== null && 'persistedQuery' in extensions
      ? extensions.persistedQuery
      : null;
  const hash =
    typeof persisted === 'object' && persisted !== null && 'sha256Hash' in persisted ? persisted.sha256Hash : null;
  const other = [hash, members.documentId, members.queryId, members.doc_id, members.persistedQueryId].find(
    (each) => typeof each === 'string',
  );
  return typeof other === 'string' ? other : persisted === null ? null : 'unknown';
}
