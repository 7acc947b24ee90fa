// Reading a stream to its end, up to a limit. Never more than the limit is kept in memory, and what is cut says so:
// half an answer must not look whole.

import type { Readable } from 'node:stream';

export interface ReadBytes {
  readonly bytes: Uint8Array;
  /** `cut`: there was more than the limit; the rest was not read. */
  readonly cut: 'whole' | 'cut';
}

export async function readAll(stream: Readable, bytesMax: number): Promise<ReadBytes> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as Uint8Array);
    if (size + buffer.length > bytesMax) {
      chunks.push(buffer.subarray(0, bytesMax - size));
      stream.destroy();
      return { bytes: Buffer.concat(chunks), cut: 'cut' };
    }
    chunks.push(buffer);
    size += buffer.length;
  }
  return { bytes: Buffer.concat(chunks), cut: 'whole' };
}
