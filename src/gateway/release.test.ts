// What is kept of a released request's answer: a yes to the request is no yes to the secrets in its answer, so the values
// that the provider's page names never reach the store. What cannot be read well enough to mask is withheld whole.

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Operation } from '../action/action.ts';
import { memoryStorage } from '../testing/memory-storage.ts';
import { volumeDeleteRequest } from '../testing/release-case.ts';
import { sampleHold } from '../testing/sample-hold.ts';
import { requestBody } from './hold-cases.ts';
import { createRelease, type ReleaseDeps } from './release.ts';
import { decodeResult, encodeRequest, resultBytesMax } from './result.ts';

const secret = ['of', 'the', 'database'].join('-');
const answer = JSON.stringify({ data: { variables: { DATABASE_URL: secret, PORT: null }, volumeDelete: true } });

/** Executes one hold whose upstream answers so; what is kept then, as the sealer is given it. */
async function keptOf(
  masks: readonly string[],
  body: Uint8Array,
  headers: readonly (readonly [string, string])[] = [],
) {
  const storage = memoryStorage();
  const sample = sampleHold();
  const operations = [{ masks: [] }, { masks }] as unknown as readonly Operation[];
  const hold = { ...sample, credential: null, reading: { ...sample.reading, operations } };
  await storage.commit({
    events: [],
    bodies: [{ id: requestBody(hold.id), bytes: encodeRequest(volumeDeleteRequest) }],
  });
  const deps = {
    storage,
    sealer: { seal: (_id: string, bytes: Uint8Array) => bytes, open: (_id: string, bytes: Uint8Array) => bytes },
    reader: { providerOf: () => null },
    resolve: async () => hold.resolution,
    executor: { send: async () => ({ status: 200, headers, body: Readable.from([Buffer.from(body)]) }) },
    wallMs: () => 0,
    fault: (_where: string, error: unknown) => {
      throw error;
    },
  } as unknown as ReleaseDeps;
  const { event, bodies } = await createRelease(deps).execute(hold);
  expect(event).toMatchObject({ kind: 'executed', outcome: 'ok', status: 200 });
  const [kept] = bodies;
  if (kept?.bytes == null) throw new Error('nothing was kept');
  return { ...decodeResult(kept.bytes), text: Buffer.from(kept.bytes).toString('latin1') };
}

it('keeps names and shape, and none of the values that the page names', async () => {
  const kept = await keptOf(['data.variables'], Buffer.from(answer));
  expect(JSON.parse(Buffer.from(kept.body).toString())).toEqual({
    data: { variables: { DATABASE_URL: '[masked by Holdpoint]', PORT: null }, volumeDelete: true },
  });
  expect(kept.text).not.toContain(secret);
});

it('masks what came compressed, and says its new length', async () => {
  const kept = await keptOf(['data.variables'], gzipSync(answer), [
    ['content-encoding', 'gzip'],
    ['etag', 'x'],
  ]);
  expect(Buffer.from(kept.body).toString()).toContain('[masked by Holdpoint]');
  expect(kept.headers).toEqual([['content-length', String(kept.body.length)]]);
});

it.each<[string, Uint8Array, readonly (readonly [string, string])[]]>([
  ['no JSON', Buffer.from(`DATABASE_URL=${secret}`), []],
  ['an encoding that nobody knows', Buffer.from(answer), [['content-encoding', 'compress']]],
  ['cut at its largest size', Buffer.from(JSON.stringify({ a: 'x'.repeat(resultBytesMax), variables: secret })), []],
])('withholds an answer that cannot be masked: %s', async (_what, body, headers) => {
  const kept = await keptOf(['variables'], body, headers);
  expect(JSON.parse(Buffer.from(kept.body).toString())).toMatchObject({ code: 'answer-withheld' });
  expect(kept.text).not.toContain(secret);
  expect(kept.text.length).toBeLessThan(2_000);
});

it('keeps an answer without named values byte for byte', async () => {
  const kept = await keptOf([], Buffer.from(answer), [['etag', 'x']]);
  expect(Buffer.from(kept.body).toString()).toBe(answer);
  expect(kept.headers).toEqual([['etag', 'x']]);
});
