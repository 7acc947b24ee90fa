// Live events as text/event-stream, read with fetch because a bearer cannot travel with EventSource.
// Journal events only, already masked; a reader that falls behind is cut off and comes back with Last-Event-ID.
// Not a queue: what it promises is order and no gaps since `afterSeq`, and the journal is where the rest is.

import type { SealedEvent } from '../../record/event.ts';
import type { ControlPort } from './port.ts';

const replayMax = 1_000;
/** Frames that may wait for a slow reader: about 1 MiB of ordinary events. */
const waitingMax = 2_000;
const heartbeatMs = 15_000;

function frame(event: SealedEvent): string {
  return `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The stream from just after `afterSeq` (null: from now on). Ends when `closed` aborts or the reader goes away. */
export function eventStream(
  port: Pick<ControlPort, 'events' | 'onEvent'>,
  afterSeq: number | null,
  closed: AbortSignal,
): Response {
  const text = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        let lastSeq = afterSeq ?? 0;
        const early: SealedEvent[] = [];
        let replaying = true;
        const send = (event: SealedEvent) => {
          if (event.seq <= lastSeq) return;
          lastSeq = event.seq;
          if ((controller.desiredSize ?? 0) <= 0) return stop();
          controller.enqueue(text.encode(frame(event)));
        };
        // Subscribed before the replay is asked for: an event between the two would otherwise be lost.
        const unsubscribe = port.onEvent((event) => {
          if (replaying) early.push(event);
          else send(event);
        });
        const heartbeat = setInterval(() => controller.enqueue(text.encode(': still here\n\n')), heartbeatMs);
        heartbeat.unref();
        let ended = false;
        stop = () => {
          if (ended) return;
          ended = true;
          clearInterval(heartbeat);
          unsubscribe();
          closed.removeEventListener('abort', stop);
          try {
            controller.close();
          } catch {
            // The reader has gone: nothing is left to close.
          }
        };
        closed.addEventListener('abort', stop);
        if (closed.aborted) return stop();
        controller.enqueue(text.encode(': events follow\n\n'));
        if (afterSeq !== null) {
          for (const event of await port.events({ afterSeq, limit: replayMax })) send(event);
        }
        replaying = false;
        for (const event of early) send(event);
      },
      cancel: () => stop(),
    },
    new CountQueuingStrategy({ highWaterMark: waitingMax }),
  );
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
}
