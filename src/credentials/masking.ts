// The substitution backwards: wherever an answer repeats the real secret, its placeholder stands instead. Streaming and
// binary-safe; a match may lie across chunks. Nothing is held back but a tail that could be the secret's beginning, so
// that event streams are not delayed. What an answer hides by transformations not listed here is not found.

import { Transform } from 'node:stream';

/** Byte strings that give the secret away: itself, URL- and JSON-escaped, and in base64 at every alignment. */
export function formsOf(secret: string): readonly Buffer[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const strict = url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const every = [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const texts = [
    secret,
    json,
    json.replaceAll('/', '\\/'),
    url,
    strict,
    lowerEscapes(url),
    lowerEscapes(strict),
    new URLSearchParams({ t: secret }).toString().slice(2),
    strict.replaceAll('%20', '+'),
    every,
    every.toUpperCase(),
    ...escapedUnits(secret),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
    ...base64Cores(secret),
  ];
  // Longest first: where one form contains another, the whole of it goes.
  return [...new Set(texts)].sort((a, b) => b.length - a.length).map((text) => Buffer.from(text, 'latin1'));
}

/** `\u0061`: JSON may write every unit so, or only those that are no letter or digit. */
function escapedUnits(secret: string): readonly string[] {
  const unit = (char: string) => char.charCodeAt(0).toString(16).padStart(4, '0');
  return [/[\s\S]/g, /[^A-Za-z0-9]/g].flatMap((which) => [
    secret.replace(which, (char) => `\\u${unit(char)}`),
    secret.replace(which, (char) => `\\u${unit(char).toUpperCase()}`),
  ]);
}

function lowerEscapes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (sequence) => sequence.toLowerCase());
}

/**
 * What stays the same in base64 wherever the secret begins in the encoded data (`user:secret`): for each of the three
 * alignments the characters that depend on the secret alone.
 */
function base64Cores(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor(((offset + bytes.length) * 8) / 6);
    const core = encoded.slice(from, to);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Replaces all forms in texts that are whole, such as header values. */
export function textMask(secret: string, placeholder: string): (text: string) => string {
  const forms = formsOf(secret);
  const mask = Buffer.from(placeholder);
  return (text) => maskBytes(Buffer.from(text, 'latin1'), forms, mask)?.toString('latin1') ?? text;
}

/** null: nothing found, so the caller keeps its own bytes. */
function maskBytes(bytes: Buffer, forms: readonly Buffer[], placeholder: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  let from = 0;
  for (let hit = nextHit(bytes, from, forms); hit !== null; hit = nextHit(bytes, from, forms)) {
    parts.push(bytes.subarray(from, hit.at), placeholder);
    from = hit.at + hit.length;
  }
  return from === 0 ? null : Buffer.concat([...parts, bytes.subarray(from)]);
}

interface Hit {
  readonly at: number;
  readonly length: number;
}

function nextHit(bytes: Buffer, from: number, forms: readonly Buffer[]): Hit | null {
  let best: Hit | null = null;
  for (const form of forms) {
    const at = bytes.indexOf(form, from);
    if (at !== -1 && (best === null || at < best.at)) best = { at, length: form.length };
  }
  return best;
}

/** Length of the longest end of `bytes` that some form begins with. */
function openTail(bytes: Buffer, forms: readonly Buffer[]): number {
  const longest = Math.min(bytes.length, (forms[0]?.length ?? 1) - 1);
  for (let length = longest; length > 0; length -= 1) {
    const start = bytes.length - length;
    for (const form of forms) {
      if (form.length > length && bytes.compare(form, 0, length, start) === 0) return length;
    }
  }
  return 0;
}

/** A stream that replaces every form of the secret. */
export function maskStream(secret: string, placeholder: string): Transform {
  const forms = formsOf(secret);
  const mask = Buffer.from(placeholder);
  let tail: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const joined = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      const masked = maskBytes(joined, forms, mask) ?? joined;
      const open = openTail(masked, forms);
      tail = masked.subarray(masked.length - open);
      done(null, masked.subarray(0, masked.length - open));
    },
    flush(done) {
      done(null, tail);
    },
  });
}
