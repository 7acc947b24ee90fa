// JSON-RPC 2.0 and MCP over HTTP: the method in the body is the operation, `tools/call` hands over to the tool reader.
// A batch counts as its worst part. Counterpart: ../tool.ts, which judges one tool call.

import type { Operation } from '../../action/action.ts';
import { judgeName } from '../lexicon.ts';
import { opaque, operationFrom } from '../operation.ts';
import type { SqlReader } from '../sql/sql-reader.ts';
import { readTool } from '../tool.ts';
import type { HttpRequest } from './request.ts';

const source = 'json-rpc';
const mcpReads =
  /^(initialize|ping|tools\/list|resources\/(list|read|templates\/list)|prompts\/(list|get)|completion\/complete|roots\/list|notifications\/[a-z/_]+|server\/discover)$/;
const mcpWrites =
  /^(logging\/setLevel|resources\/(subscribe|unsubscribe)|sampling\/createMessage|elicitation\/create)$/;

/** Null if the body is not JSON-RPC. */
export function readJsonRpc(request: HttpRequest, sql: SqlReader): readonly Operation[] | null {
  const value: unknown = request.body.kind === 'json' ? request.body.value : null;
  const calls: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (calls.length === 0 || !calls.some(isCall)) return null;
  return calls.flatMap((call) =>
    isCall(call) ? readCall(call, sql) : [opaque('JSON-RPC with a part that is no call', source)],
  );
}

type Call = Readonly<Record<string, unknown>> & { readonly method: string };

function isCall(value: unknown): value is Call {
  return (
    typeof value === 'object' &&
    value !== null &&
    'jsonrpc' in value &&
    'method' in value &&
    typeof value.method === 'string'
  );
}

function readCall(call: Call, sql: SqlReader): readonly Operation[] {
  const method = call.method;
  const params =
    typeof call.params === 'object' && call.params !== null ? (call.params as Record<string, unknown>) : {};
  if (method === 'tools/call') {
    const name = params.name;
    if (typeof name !== 'string') return [opaque('tools/call without a name', source)];
    return readTool(name, null, params.arguments ?? null, sql);
  }
  if (mcpReads.test(method))
    return [
      operationFrom(
        {
          name: method,
          effect: 'read',
          basis: 'proven',
          scope: 'tools',
          because: 'MCP defines this method as a read.',
        },
        source,
      ),
    ];
  if (mcpWrites.test(method))
    return [
      operationFrom(
        { name: method, effect: 'write', basis: 'proven', scope: 'tools', because: 'MCP defines this method.' },
        source,
      ),
    ];
  return readTool(method, null, params, sql).map((operation) =>
    judgeName(method) === null ? opaque(method, source) : operation,
  );
}
