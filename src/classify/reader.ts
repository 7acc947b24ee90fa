// The entrance of classify/: ActionContent -> Reading. Pure and total: whatever the bytes, there is a reading, and what
// cannot be read is destructive, assumed, with a reason to deny. Loaded once (the SQL parser is WebAssembly).
// It decides nothing; decide/ makes a verdict from the reading, the resolution and the grant.

import type { ActionContent, Reading } from '../action/action.ts';
import { header, type OutgoingRequest } from '../action/request.ts';
import { reason } from '../platform/reason.ts';
import { readHttp } from './http/http-reader.ts';
import { isS3 } from './http/s3.ts';
import { opaque, readingFrom, unreadableReading } from './operation.ts';
import { indexPages } from './pages.ts';
import type { ProviderPage } from './provider-page.ts';
import { loadSqlReader } from './sql/sql-reader.ts';
import { readTool } from './tool.ts';

export interface Reader {
  /** Never throws. */
  read(content: ActionContent): Reading;
  /** The page that governs this host (lower case, without port), or null. */
  providerOf(host: string): ProviderPage | null;
  /** Routes whose bodies are streamed instead of buffered, recognised by the request's head alone; they are writes. */
  isBulk(request: OutgoingRequest): boolean;
}

export async function loadReader(pages: readonly ProviderPage[]): Promise<Reader> {
  const sql = await loadSqlReader();
  const index = indexPages(pages);
  const readContent = (content: ActionContent): Reading => {
    switch (content.kind) {
      case 'http':
        return readHttp(content.request, { index, sql });
      case 'sql':
        return readingFrom(sql.readPostgres(content.sql), 'postgres');
      case 'mcp':
        return readingFrom(readTool(content.tool, content.annotations, content.arguments, sql), null);
      case 'shell':
        return readingFrom(
          [opaque(firstWords(content.command), 'shell', 'A command line is not judged here yet.')],
          null,
        );
    }
  };
  return {
    read(content) {
      try {
        return readContent(content);
      } catch {
        return unreadableReading(readerFailed, `${content.kind} that could not be read`, null);
      }
    },
    providerOf: (host) => index.page(host),
    isBulk,
  };
}

const readerFailed = reason(
  'reader-failed',
  'The request is refused: reading it failed.',
  'A reader met bytes that it cannot handle; what cannot be read is not sent.',
  'Send it in a simpler form, and report this as a defect.',
);

function firstWords(command: string): string {
  const words = command.trim().split(/\s+/).slice(0, 3).join(' ');
  return words === '' ? 'an empty command' : words;
}

const upload = /^\/v2\/.+\/blobs\/uploads\/[^/?]*(\?|$)/;

function isBulk(request: OutgoingRequest): boolean {
  if (
    header(request, 'x-http-method-override') !== null ||
    header(request, 'x-http-method') !== null ||
    header(request, 'x-method-override') !== null
  )
    return false;
  const path = request.path.split('?')[0] ?? '';
  if (request.method === 'POST' && path.endsWith('/git-receive-pack')) return true;
  if ((request.method === 'PATCH' || request.method === 'PUT') && upload.test(request.path)) return true;
  const query = request.path.includes('?') ? request.path.slice(request.path.indexOf('?') + 1) : '';
  const partOnly =
    query === '' || /^(partNumber=\d+&uploadId=[^&]+|uploadId=[^&]+&partNumber=\d+|x-id=PutObject)$/.test(query);
  return request.method === 'PUT' && isS3(request.host) && partOnly && path.length > 1;
}
