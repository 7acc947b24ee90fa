// Finds GraphQL calls in a request: JSON, batch arrays, forms, raw documents, the query string, WebSocket frames.
// The body is read by what it is, so a mutation sent under any path and any label is found. Judging is graphql.ts.

import { header } from '../../action/request.ts';
import type { GraphqlCall } from './graphql.ts';
import { fieldOf, type HttpRequest } from './request.ts';

const graphqlPath = /\/(graphql|gql)(\.json|\/v\d+|\/internal|\/private)?\/?$/i;
const documentStart = /^[\s\ufeff,]*(#[^\n]*\n[\s,]*)*(\{|query\b|mutation\b|subscription\b|fragment\b)/;

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

/** True on a path that is made for GraphQL. */
export function isGraphqlEndpoint(request: HttpRequest): boolean {
  return (
    graphqlPath.test(request.path) || (request.page?.graphqlPath != null && request.path === request.page.graphqlPath)
  );
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
  if (body.kind === 'lines') return body.values.flatMap((value) => callsFromJson(value, endpoint));
  if (body.kind === 'form') {
    const call = callFromFields(body.fields, endpoint);
    return call === null ? (endpoint ? [opaqueCall] : []) : [call];
  }
  if (body.kind === 'text')
    return documentStart.test(body.text) && (endpoint || looksWhole(body.text))
      ? [{ query: body.text, variables: null, operationName: queryName, hash: null }]
      : endpoint
        ? [opaqueCall]
        : [];
  if (body.kind === 'parts') {
    return body.parts.flatMap((part) =>
      part.body.kind === 'json' && part.name !== 'map' ? callsFromJson(part.body.value, endpoint) : [],
    );
  }
  return endpoint && body.kind !== 'empty' ? [opaqueCall] : [];
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
  if (typeof members.type === 'string' && endpoint) return callsFromFrame(members.type, payload);
  const query = members.query;
  const isDocument = typeof query === 'string' && (endpoint || documentStart.test(query));
  const hash = hashOf(members);
  if (!isDocument) return endpoint ? [{ ...opaqueCall, hash }] : [];
  const name = members.operationName;
  const variables = members.variables;
  return [
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
