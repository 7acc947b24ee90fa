// Child process of the HTTP bench: the TLS origin behind every proxy. Small answers at /, `/bytes/<n>` streams n bytes,
// anything with a body is read to its end and counted. Speaks to the bench over IPC; not a model of any provider.

import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { createCertificateAuthority, loadCertificateAuthority } from '../src/platform/certificates.ts';

const nowMs = () => Date.now();
const pair = createCertificateAuthority({ name: 'Origin of the bench', notBeforeMs: nowMs() - 60_000, days: 7 });
const authority = loadCertificateAuthority(pair, { nowMs });
const leaf = authority.leafFor('localhost');
const contexts = new Map<string, ReturnType<typeof createSecureContext>>();
const answer = JSON.stringify({ services: ['web', 'worker', 'cron'], region: 'eu-west', note: 'x'.repeat(160) });
const block = Buffer.alloc(65_536, 0x61);

function contextFor(name: string) {
  const known = contexts.get(name);
  if (known !== undefined) return known;
  const own = authority.leafFor(name);
  const made = createSecureContext({ key: own.keyPem, cert: own.certPem });
  contexts.set(name, made);
  return made;
}

function streamBytes(response: ServerResponse, size: number): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
  let left = size;
  const more = () => {
    while (left > 0) {
      const piece = left >= block.length ? block : block.subarray(0, left);
      left -= piece.length;
      if (!response.write(piece)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

const server = createServer(
  { key: leaf.keyPem, cert: leaf.certPem, SNICallback: (name, done) => done(null, contextFor(name)) },
  (request, response) => {
    const url = request.url ?? '/';
    if (url.startsWith('/bytes/')) {
      streamBytes(response, Number(url.slice('/bytes/'.length)));
      return;
    }
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
      return;
    }
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    request.on('end', () => response.end(String(size)));
  },
);
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port, caPem: pair.certPem }),
);
process.on('disconnect', () => process.exit(0));
