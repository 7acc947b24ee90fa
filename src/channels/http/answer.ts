// Writes an answer to the agent: ours whole, upstream's streamed with backpressure and never buffered (server-sent
// events arrive one by one). It does not decide anything; a body that breaks off upstream breaks off here too, so that
// no client takes half an answer for a whole one.

import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Headers } from '../../execute/executor.ts';
import { withoutHopByHop } from './head.ts';
import type { HttpAnswer } from './port.ts';

function flat(headers: Headers): string[] {
  const pairs: string[] = [];
  for (const [name, value] of headers) pairs.push(name, value);
  return pairs;
}

function declaredLength(headers: Headers): number | null {
  for (const [name, value] of headers) if (name === 'content-length') return Number(value);
  return null;
}

/** Our own answers with the headers each of them needs. */
export function headersOfOwn(answer: Extract<HttpAnswer, { kind: 'own' }>): Headers {
  const headers = withoutHopByHop(answer.headers).filter(([name]) => name !== 'content-length');
  const length: [string, string] = ['content-length', String(Buffer.byteLength(answer.body))];
  // Hop-by-hop in name, yet ours to send: without it clients do not know that a token is wanted (RFC 9110 11.7.1).
  const challenge: [string, string][] =
    answer.status === 407 ? [['proxy-authenticate', 'Basic realm="holdpoint"']] : [];
  return [...headers, ...challenge, length];
}

function stream(response: ServerResponse, body: Readable): void {
  body.on('data', (chunk: Buffer) => {
    if (!response.write(chunk)) body.pause();
  });
  response.on('drain', () => body.resume());
  body.on('end', () => response.end());
  // Head and part of the body are out already: only an abrupt end tells the client that the rest is missing.
  body.on('error', () => response.destroy());
  body.on('close', () => {
    if (!body.readableEnded) response.destroy();
  });
}

/** Writes the whole answer; what remains to come is pulled as the client reads. */
export function writeAnswer(response: ServerResponse, answer: HttpAnswer): void {
  response.sendDate = false;
  if (answer.kind === 'own') {
    response.writeHead(answer.status, flat(headersOfOwn(answer)));
    response.end(answer.body);
    return;
  }
  const { body } = answer;
  if (response.destroyed) {
    body.on('error', () => {}).destroy();
    return;
  }
  const headers = withoutHopByHop(answer.headers);
  response.writeHead(answer.status, flat(headers));
  const waiting = body.readableLength;
  if (waiting > 0 && waiting === declaredLength(headers) && response.req.method !== 'HEAD') {
    // Small answers have arrived whole by now: head and body leave in one write.
    response.end(body.read());
    body.on('error', () => {}).resume();
    return;
  }
  // A slow body must not delay the head: event streams may be silent for minutes.
  if (waiting === 0) response.flushHeaders();
  stream(response, body);
}

/** An own answer as bytes, for sockets on which no parser runs any more (CONNECT, unreadable requests). */
export function rawAnswer(answer: HttpAnswer): string {
  if (answer.kind !== 'own')
    return 'HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
  const lines = headersOfOwn(answer).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.status} Refused\r\n${lines.join('')}connection: close\r\n\r\n${answer.body}`;
}
