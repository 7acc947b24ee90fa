// POST and GET /graphql/v2 as the provider answers them: the body is read by what it is, whatever its label says (the
// published curl carries a form label), and an execution error is HTTP 200 with `errors[]`. Only a document that cannot
// be run at all is a 400. Executed by the reference library, so that every legal spelling of a deletion works here too.

import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { type DocumentNode, execute, type GraphQLSchema, getOperationAST, parse, validate } from 'graphql';
import type { Call } from './call.ts';
import { deletingMutationsOf } from './mutations.ts';
import { ordinaryMutationsOf } from './ordinary-mutations.ts';
import { queriesOf } from './queries.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | null;
}

const bodyBytesMax = 4 * 1024 * 1024;

function refusal(status: number, message: string): Answer {
  return { status, body: { errors: [{ message }] } };
}

function requestFrom(value: unknown): GraphqlRequest | null {
  if (typeof value !== 'object' || value === null) return null;
  const { query, variables, operationName } = value as Record<string, unknown>;
  if (typeof query !== 'string') return null;
  return {
    query,
    variables: typeof variables === 'object' && variables !== null ? (variables as Record<string, unknown>) : {},
    operationName: typeof operationName === 'string' ? operationName : null,
  };
}

/** Bytes after their Content-Encoding; null if they are not what it says. */
export function decodedBody(bytes: Uint8Array, encoding: string): Buffer | null {
  const limit = { maxOutputLength: bodyBytesMax };
  try {
    if (encoding === 'gzip') return gunzipSync(bytes, limit);
    if (encoding === 'br') return brotliDecompressSync(bytes, limit);
    if (encoding === 'deflate') return inflateSync(bytes, limit);
    return encoding === '' || encoding === 'identity' ? Buffer.from(bytes) : null;
  } catch {
    return null;
  }
}

export function graphqlEndpoint(schema: GraphQLSchema) {
  const run = async (call: Call, request: GraphqlRequest, method: string): Promise<Answer> => {
    let document: DocumentNode;
    try {
      document = parse(request.query, { maxTokens: 20_000 });
    } catch (error) {
      return refusal(400, error instanceof Error ? error.message : 'Syntax error');
    }
    const errors = validate(schema, document);
    if (errors.length > 0) return { status: 400, body: { errors } };
    if (method === 'GET' && getOperationAST(document, request.operationName)?.operation !== 'query') {
      return refusal(405, 'GET supports only query operation');
    }
    const rootValue = { ...queriesOf(call), ...ordinaryMutationsOf(call), ...deletingMutationsOf(call) };
    const result = await execute({
      schema,
      document,
      rootValue,
      variableValues: request.variables,
      operationName: request.operationName,
    });
    return { status: 200, body: result };
  };

  const runBatch = async (call: Call, items: readonly unknown[]): Promise<Answer> => {
    // Whether the provider takes arrays is not known; the fake does, because that is the worse case for a reader.
    const results: unknown[] = [];
    for (const item of items.slice(0, 50)) {
      const request = requestFrom(item);
      results.push((request === null ? refusal(400, 'no query') : await run(call, request, 'POST')).body);
    }
    return { status: 200, body: results };
  };

  return {
    async post(call: Call, bytes: Uint8Array, encoding: string): Promise<Answer> {
      const decoded = decodedBody(bytes, encoding);
      if (decoded === null) return refusal(400, 'Problem processing request');
      const text = decoded.toString('utf8');
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        // application/graphql: the document itself.
        value = { query: text };
      }
      if (Array.isArray(value)) return runBatch(call, value);
      const request = requestFrom(value);
      return request === null ? refusal(400, 'Problem processing request') : run(call, request, 'POST');
    },
    async get(call: Call, search: URLSearchParams): Promise<Answer> {
      let variables: unknown = {};
      try {
        variables = JSON.parse(search.get('variables') ?? '{}');
      } catch {
        return refusal(400, 'Variables are invalid JSON');
      }
      const request = requestFrom({
        query: search.get('query') ?? undefined,
        variables,
        operationName: search.get('operationName') ?? undefined,
      });
      return request === null ? refusal(400, 'Problem processing request') : run(call, request, 'GET');
    },
  };
}
