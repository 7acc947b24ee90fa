// Collects a request body up to the classify limit, byte for byte as the client sent it, and gets rid of one that is
// over it. Does not decode (classify/ does) and does not stream: recognised bulk routes bypass this file.

import type { IncomingMessage } from 'node:http';
import { noBody } from './head.ts';

export type BodyReading =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'over-limit' }
  | { readonly kind: 'trailers' }
  /** The client went away before the end. */
  | { readonly kind: 'gone' };

/** Reads the whole body, at most `bytesMax` bytes. Past the limit reading stops and the rest is the caller's to discard. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<BodyReading> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (reading: BodyReading) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      resolve(reading);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > bytesMax) {
        request.pause();
        finish({ kind: 'over-limit' });
      } else chunks.push(chunk);
    };
    const onEnd = () => {
      if (request.rawTrailers.length > 0) finish({ kind: 'trailers' });
      else finish({ kind: 'body', bytes: chunks.length === 1 ? (chunks[0] ?? noBody) : Buffer.concat(chunks, size) });
    };
    const onClose = () => finish({ kind: 'gone' });
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

/**
 * Throws the rest of a refused body away so that the client gets to read the answer: closing with unread bytes makes the
 * kernel reset the connection, and the answer is lost. Bounded; a client that goes on sending is cut off.
 */
export function discardBody(request: IncomingMessage, bytesMax: number): void {
  let left = bytesMax;
  request.on('error', () => request.socket.destroy());
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.socket.destroy();
  });
  request.resume();
}
