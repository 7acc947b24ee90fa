// One request on one agent connection: read the head, collect the body, submit, write the answer. Nothing is judged
// here and nothing is sent upstream: both happen behind port.submit, and only after the request is complete.
// channel.ts owns the sockets; requests of one connection run one after the other, in the order in which they came.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import type { OutgoingRequest } from '../../action/request.ts';
import { writeAnswer } from './answer.ts';
import { discardBody, readBody } from './body.ts';
import { type Place, type RequestHead, readHead } from './head.ts';
import type { HttpAnswer, HttpChannelPort, HttpSession } from './port.ts';
import { type Refusal, refusals } from './refusals.ts';

export interface ExchangeOptions {
  readonly port: HttpChannelPort;
  readonly classifyBytesMax: number;
  /** What is read of a refused body, so that the client sees the refusal before the connection ends. */
  readonly discardBytesMax: number;
}

/** Answers with a refusal of the channel's own; whatever body is still to come is thrown away. */
export function answerRefusal(
  options: ExchangeOptions,
  session: HttpSession | null,
  message: { readonly request: IncomingMessage; readonly response: ServerResponse },
  refusal: Refusal,
): void {
  const { request, response } = message;
  if (response.destroyed) return;
  writeAnswer(response, options.port.refuse(session, refusal.status, refusal.reason));
  if (!request.readableEnded) discardBody(request, options.discardBytesMax);
}

/** The body as a stream that upstream code may destroy without taking the agent's connection with it. */
function bulkOf(request: IncomingMessage): Readable {
  const bulk = new PassThrough();
  request.on('error', (error) => bulk.destroy(error));
  request.on('close', () => {
    if (!request.complete) bulk.destroy(new Error('The agent hung up before the body ended.'));
  });
  bulk.on('error', () => {});
  bulk.on('close', () => request.unpipe(bulk).resume());
  return request.pipe(bulk);
}

type Collected =
  | { readonly kind: 'ready'; readonly request: OutgoingRequest; readonly bulk: Readable | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'gone' };

async function collect(
  options: ExchangeOptions,
  head: RequestHead,
  message: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly expects: 'continue' | null;
  },
): Promise<Collected> {
  const invite = () => {
    if (message.expects === 'continue') message.response.writeContinue();
  };
  if (options.port.isBulk(head.request)) {
    invite();
    return { kind: 'ready', request: head.request, bulk: bulkOf(message.request) };
  }
  if ((head.contentLength ?? 0) > options.classifyBytesMax) return { kind: 'refused', refusal: refusals.tooLarge };
  // Before any hold: clients wait about a second for this line and then send anyway, or give up.
  invite();
  const reading = await readBody(message.request, options.classifyBytesMax);
  if (reading.kind === 'body') return { kind: 'ready', request: { ...head.request, body: reading.bytes }, bulk: null };
  if (reading.kind === 'gone') return reading;
  return { kind: 'refused', refusal: reading.kind === 'trailers' ? refusals.trailers : refusals.tooLarge };
}

export interface Exchange {
  readonly session: HttpSession;
  readonly place: Place;
  /** Origin-form path; for absolute-form what follows the authority. */
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly expects: 'continue' | null;
  /** Called when the request leaves for the pipeline: from now on no other answer may stand for it. */
  readonly onSubmit: () => void;
}

async function submit(
  options: ExchangeOptions,
  exchange: Exchange,
  request: OutgoingRequest,
  bulk: Readable | null,
): Promise<HttpAnswer> {
  const controller = new AbortController();
  exchange.response.once('close', () => {
    if (!exchange.response.writableFinished) controller.abort();
  });
  if (exchange.response.destroyed) controller.abort();
  exchange.onSubmit();
  return options.port.submit(exchange.session, request, bulk, controller.signal);
}

/** Runs one exchange to the point where its answer is being written. Never rejects. */
export async function runExchange(options: ExchangeOptions, exchange: Exchange): Promise<void> {
  const { request, session } = exchange;
  const reading = readHead(
    {
      method: request.method ?? '',
      path: exchange.path,
      version: request.httpVersion,
      rawHeaders: request.rawHeaders,
    },
    exchange.place,
  );
  if (reading.kind === 'refused') return answerRefusal(options, session, exchange, reading.refusal);
  try {
    const collected: Collected = reading.hasBody
      ? await collect(options, reading, exchange)
      : { kind: 'ready', request: reading.request, bulk: null };
    if (collected.kind === 'gone') return;
    if (collected.kind === 'refused') return answerRefusal(options, session, exchange, collected.refusal);
    writeAnswer(exchange.response, await submit(options, exchange, collected.request, collected.bulk));
  } catch {
    // A bug behind the port: the action is denied and the connection ends (STYLE, "Types and errors").
    if (exchange.response.headersSent) exchange.response.destroy();
    else answerRefusal(options, session, exchange, refusals.internal);
  }
}
