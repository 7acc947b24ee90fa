// One request on its way upstream: undici's handler, from the first byte to the end of the answer's body.
// It keeps the one fact that decides between `failed` and `unknown`: whether undici was handed a connection to write to.
// Not a pool and not a retry: upstream.ts makes one of these per request, and a second start of the same is refused.

import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Headers, UpstreamAnswer } from '../../execute/executor.ts';
import { HoldpointError } from '../../platform/fault.ts';

export type UpstreamFaultCode = 'upstream-not-reached' | 'upstream-broken';

const faults: Readonly<Record<UpstreamFaultCode, { what: string; why: string; next: string }>> = {
  'upstream-not-reached': {
    what: 'The host was not reached.',
    why: 'No connection was made, so not one byte of the request was sent.',
    next: 'Check that the host is up and that its certificate is valid, then send the request again.',
  },
  'upstream-broken': {
    what: 'The answer did not arrive whole.',
    why: 'The request was sent, in part or in full, and the connection ended before the answer was complete.',
    next: 'Look at the resource before sending the request again: it may have been carried out.',
  },
};

export function upstreamFault(code: UpstreamFaultCode, cause: unknown): HoldpointError {
  return new HoldpointError(code, { ...faults[code], retry: code === 'upstream-not-reached' ? 'later' : 'no', cause });
}

function headersFrom(raw: Dispatcher.DispatchController['rawHeaders']): Headers {
  if (!Array.isArray(raw)) return [];
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    // Header bytes have no charset; latin1 gives each byte back as it came.
    const name = raw[index]?.toString('latin1') ?? '';
    headers.push([name.toLowerCase(), raw[index + 1]?.toString('latin1') ?? '']);
  }
  return headers;
}

/** The answer's body: pulls from the connection as it is read, and lets the connection go when it is given up. */
class AnswerBody extends Readable {
  readonly #controller: Dispatcher.DispatchController;

  constructor(controller: Dispatcher.DispatchController) {
    super();
    this.#controller = controller;
    // Errors also reach whoever reads; without a listener of its own a body nobody reads yet would end the process.
    this.on('error', () => {});
  }

  override _read(): void {
    this.#controller.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.readableEnded) this.#controller.abort(error ?? new Error('The answer was given up.'));
    callback(error);
  }
}

export class Sending implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #resolve: (answer: UpstreamAnswer) => void;
  readonly #reject: (fault: HoldpointError) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #body: AnswerBody | null = null;
  #settled = false;

  constructor(signal: AbortSignal, resolve: (answer: UpstreamAnswer) => void, reject: (fault: HoldpointError) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    const reason = new Error('The request was given up.');
    if (this.#controller === null) this.fail(reason);
    else this.#controller.abort(reason);
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // undici puts a request back into its queue when a connection ends in certain ways: never send it twice.
    if (this.#controller !== null || this.#settled) {
      controller.abort(new Error('The request was not to be sent again.'));
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Interim answers (103 Early Hints) are hop-by-hop for our purpose: the final one follows.
    if (status < 200) return;
    this.#body = new AnswerBody(controller);
    this.#settled = true;
    this.#resolve({ status, headers: headersFrom(controller.rawHeaders), body: this.#body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body?.push(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#body?.push(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** Ends the sending with the fault that fits how far it had come. */
  fail(cause: unknown): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    const fault = upstreamFault(this.#controller === null ? 'upstream-not-reached' : 'upstream-broken', cause);
    if (!this.#settled) {
      this.#settled = true;
      this.#reject(fault);
    } else this.#body?.destroy(fault);
  }
}
