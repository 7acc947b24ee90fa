// PostgREST and Supabase's data plane: `/rest/v1/<table>` with filters in the query string. A PATCH or DELETE without a
// filter hits every row; `/rpc/<function>` runs a function whose name is all that is known. Paths are exact.

import type { Operation } from '../../action/action.ts';
import { judgeName } from '../lexicon.ts';
import { operationFrom } from '../operation.ts';
import type { HttpRequest } from './request.ts';

const source = 'postgrest';
const notFilters = new Set([
  'select',
  'order',
  'limit',
  'offset',
  'columns',
  'on_conflict',
  'prefer',
  'apikey',
  '_method',
]);

/** Null where the path is not PostgREST's. A filter narrows only if it compares with something: `id=eq.1`. */
export function readPostgrest(request: HttpRequest): readonly Operation[] | null {
  const [rest, version, table, name] = request.segments;
  if (rest !== 'rest' || version !== 'v1' || table === undefined || !request.host.endsWith('.supabase.co')) return null;
  const methods = request.override === null ? [request.method] : [request.method, request.override];
  return methods.map((method) => (table === 'rpc' ? call(method, name ?? '') : rows(request, method, table)));
}

function rows(request: HttpRequest, method: string, table: string): Operation {
  const common = { name: `${method} ${request.path}`, scope: 'databases' } as const;
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') {
    return operationFrom({ ...common, effect: 'read', basis: 'proven', because: `It reads rows of ${table}.` }, source);
  }
  const narrows = request.query.some(
    ([name, value]) => !notFilters.has(name) && /^(eq|in|like|ilike|match|cs|cd|fts|plfts|is)\./.test(value),
  );
  if (method === 'POST')
    return operationFrom(
      { ...common, effect: 'write', basis: 'proven', because: `It inserts rows into ${table}.` },
      source,
    );
  if (method === 'PATCH' && narrows) {
    return operationFrom(
      {
        ...common,
        effect: 'write',
        basis: 'proven',
        because: `It updates the rows of ${table} that its filter picks.`,
      },
      source,
    );
  }
  if (method === 'PUT' && narrows) {
    return operationFrom(
      { ...common, effect: 'write', basis: 'proven', because: `It writes one row of ${table}.` },
      source,
    );
  }
  const because =
    method === 'DELETE'
      ? `It deletes rows of ${table}.`
      : `It overwrites rows of ${table} without a filter that leaves any out.`;
  return operationFrom({ ...common, effect: 'destructive', basis: 'proven', recovery: 'none', because }, source);
}

function call(method: string, name: string): Operation {
  const judged = judgeName(name);
  const reads = judged?.effect === 'read' || method === 'GET' || method === 'HEAD';
  return operationFrom(
    {
      name: `${name}()`,
      effect: judged?.effect === 'destructive' ? 'destructive' : reads ? 'read' : 'write',
      basis: 'assumed',
      aspects: ['runs-code'],
      scope: 'databases',
      because: 'It runs a function of the database; only its name is known.',
    },
    source,
  );
}
