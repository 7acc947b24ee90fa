// Elasticsearch and OpenSearch by their underscore words (`_search`, `_bulk`, `_delete_by_query`), and CouchDB's few.
// The word is exact and stands in the path whatever the host; a path without one is left to the generic reader.

import type { Operation } from '../../action/action.ts';
import type { Effect } from '../../action/effect.ts';
import { operationFrom } from '../operation.ts';
import type { HttpRequest } from './request.ts';

const reads =
  /^_(search|msearch|count|mget|explain|field_caps|validate|analyze|termvectors|mtermvectors|rank_eval|cat|nodes|stats|segments|recovery|resolve|search_shards|render|find|all_docs|bulk_get|changes|revs_diff|async_search|knn_search|eql|esql|pit|scroll|terms_enum|simulate|security_has_privileges|design_docs|local_docs)$/;
const destroys = /^_(delete_by_query|rollover_delete|restore|purge|compact|wipe|reset|delete|shrink|downsample)$/;
const writes =
  /^_(doc|create|update|update_by_query|bulk|reindex|open|close|refresh|flush|forcemerge|cache|alias|aliases|mapping|mappings|settings|rollover|split|clone|snapshot|cluster|ingest|index_template|component_template|template|scripts|tasks|ilm|slm|transform|ml|security|bulk_docs|freeze|unfreeze|block|data_stream|enrich|watcher|replicate|security_members|ensure_full_commit|view_cleanup|start|stop|cancel|execute|verify|cleanup)$/;

/** Null where the path has none of these words. */
export function readElasticsearch(request: HttpRequest): readonly Operation[] | null {
  const words = request.segments.filter((segment) => segment.startsWith('_') && !segment.startsWith('__'));
  const word = words.at(-1);
  if (word === undefined || request.page !== null || request.override !== null) return null;
  // A word that only reads must end the path, or the path says something else.
  const tail = request.segments.slice(request.segments.indexOf(word) + 1).join('/');
  if (
    reads.test(word) &&
    tail !== '' &&
    !/^(template|query|scroll|[\w-]{8,}={0,2})$/.test(tail) &&
    request.method !== 'GET'
  )
    return null;
  if (!reads.test(word) && !writes.test(word) && !destroys.test(word)) return null;
  const judged = judge(request, word);
  return [
    operationFrom(
      {
        name: `${request.method} ${request.path}`,
        effect: judged.effect,
        basis: 'proven',
        aspects: judged.effect === 'destructive' && /_(ilm|slm)/.test(request.path) ? ['removes-protection'] : [],
        scope: word === '_snapshot' || word === '_restore' ? 'snapshots' : 'indices',
        because: judged.because,
      },
      'elasticsearch',
    ),
  ];
}

function judge(request: HttpRequest, word: string): { readonly effect: Effect; readonly because: string } {
  const { method } = request;
  if (method === 'DELETE') {
    const cursor = /^\/(_search\/scroll(\/[^/]+)?|_pit|_async_search\/[^/]+)$/.test(request.path);
    return cursor
      ? { effect: 'read', because: 'It frees a cursor.' }
      : { effect: 'destructive', because: 'It deletes what the path names.' };
  }
  if (method === 'GET' || method === 'HEAD') return { effect: 'read', because: 'It reads.' };
  if (reads.test(word)) return { effect: 'read', because: `${word} only reads.` };
  if (destroys.test(word)) return { effect: 'destructive', because: `${word} removes or overwrites data.` };
  if (word === '_aliases' && /"remove_index"/.test(textOf(request)))
    return { effect: 'destructive', because: 'remove_index deletes the index.' };
  if (word === '_bulk' && deletesInBulk(request))
    return { effect: 'destructive', because: 'The bulk request deletes documents.' };
  if (word === '_ilm' && /"delete"\s*:/.test(textOf(request)))
    return { effect: 'destructive', because: 'The policy will delete what grows old.' };
  if (word === '_bulk_docs' && /"_deleted"\s*:\s*true/.test(textOf(request)))
    return { effect: 'destructive', because: 'The bulk request deletes documents.' };
  if (word === '_update_by_query' && /ctx\.op\s*=|\.remove\(/.test(textOf(request)))
    return { effect: 'destructive', because: 'Its script removes.' };
  if (/^_(update_by_query|reindex)$/.test(word)) return { effect: 'write', because: `${word} rewrites documents.` };
  return { effect: 'write', because: `${word} writes.` };
}

/** Bulk bodies alternate: a line that says what to do, then the document, which may hold any word. */
function deletesInBulk(request: HttpRequest): boolean {
  if (request.body.kind !== 'lines') return /"delete"\s*:/.test(textOf(request));
  let document = false;
  for (const line of request.body.values) {
    if (document) {
      document = false;
      continue;
    }
    const [action, ...more] = typeof line === 'object' && line !== null ? Object.keys(line) : [];
    if (action === undefined || more.length > 0 || !/^(index|create|update)$/.test(action)) return true;
    document = true;
  }
  return false;
}

function textOf(request: HttpRequest): string {
  if (request.body.kind === 'json') return JSON.stringify(request.body.value);
  return request.body.kind === 'lines' ? JSON.stringify(request.body.values) : '';
}
