// Takes the Content-Encoding off an answer, so that masking sees what the agent would see. What was sent upstream stays
// untouched (the request's bytes are those that were judged), so the encoding is taken off here, not asked away.

import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { HoldpointError } from '../platform/fault.ts';

type Bytes = AsyncIterable<Uint8Array>;
type Decode = (source: Bytes) => AsyncGenerator<Uint8Array>;

const decoders: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** Decodes all encodings, the last applied first. Throws `answer-unreadable` on one that cannot be searched. */
export function decoderFor(headers: readonly (readonly [name: string, value: string])[]): Decode {
  const makers = headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.split(','))
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '' && each !== 'identity')
    .reverse()
    .map((each) => decoders[each] ?? unreadable());
  return async function* decode(source) {
    yield* makers.reduce<Bytes>((bytes, make) => decoded(bytes, make), source);
  };
}

/** An answer without a body (HEAD, 304) still names its encoding; a decoder given nothing would call that broken. */
async function* decoded(source: Bytes, make: () => NodeJS.ReadWriteStream): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const rest = async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  const decoder = make();
  pipeline(Readable.from(rest()), decoder, () => undefined);
  yield* decoder as unknown as Bytes;
}

function unreadable(): never {
  throw new HoldpointError('answer-unreadable', {
    what: 'The answer was not passed on.',
    why: 'Its Content-Encoding is one that cannot be searched for secrets.',
    next: 'Ask for gzip, br, zstd or no encoding (Accept-Encoding).',
  });
}
