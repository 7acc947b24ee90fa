// The stored form of a request and of an upstream answer, kept encrypted beside the journal until collected.
// One line of JSON for the head, then the raw bytes: a body is never re-encoded.

import type { OutgoingRequest } from '../action/request.ts';
import type { Headers } from '../execute/executor.ts';

/** Largest answer kept for a hold (DESIGN section 6); a longer one is cut and says so. */
export const resultBytesMax = 8 * 1024 * 1024;

export interface StoredResult {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly cut: 'whole' | 'cut';
}

function join(head: unknown, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
}

function split(bytes: Uint8Array): { readonly head: unknown; readonly body: Uint8Array } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf(10);
  return { head: JSON.parse(buffer.subarray(0, end).toString()), body: buffer.subarray(end + 1) };
}

export function encodeRequest(request: OutgoingRequest): Uint8Array {
  const { body, ...head } = request;
  return join(head, body);
}

export function decodeRequest(bytes: Uint8Array): OutgoingRequest {
  const { head, body } = split(bytes);
  return { ...(head as Omit<OutgoingRequest, 'body'>), body };
}

export function encodeResult(result: StoredResult): Uint8Array {
  const { body, ...head } = result;
  return join(head, body);
}

export function decodeResult(bytes: Uint8Array): StoredResult {
  const { head, body } = split(bytes);
  return { ...(head as Omit<StoredResult, 'body'>), body };
}
