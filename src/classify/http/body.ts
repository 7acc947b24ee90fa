// From body bytes to what they are: JSON, form, XML, lines of JSON, parts, text or bytes. The label never decides,
// only the bytes do: the founder's curl sent GraphQL labelled as a form. Bytes that two servers would read differently
// are unreadable. Counterpart: request.ts, which does the same for method, path and headers.

import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { headerValues, type OutgoingRequest } from '../../action/request.ts';
import { reason } from '../../platform/reason.ts';
import type { Unreadable } from '../operation.ts';
import { parseStrictJson } from './strict-json.ts';

export type Field = readonly [name: string, value: string];

export type Body =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'lines'; readonly values: readonly unknown[] }
  | { readonly kind: 'form'; readonly fields: readonly Field[] }
  | { readonly kind: 'xml'; readonly text: string }
  | { readonly kind: 'parts'; readonly parts: readonly { readonly name: string; readonly body: Body }[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes' };

/** What one body may become when unpacked: eight times the largest body that a channel hands over. */
const unpackedBytesMax = 8 * 1024 * 1024;
const encodingsMax = 4;

/** Reads a body. `depth` bounds bodies inside multipart bodies. */
export function readBody(request: OutgoingRequest): Body | Unreadable {
  if (request.body.length === 0) return { kind: 'empty' };
  const bytes = unpack(request);
  if (!(bytes instanceof Uint8Array)) return bytes;
  const label = headerValues(request, 'content-type').join(',');
  return bodyFrom(bytes, label, 0);
}

function unreadable(code: string, why: string): Unreadable {
  return {
    kind: 'unreadable',
    reason: reason(
      code,
      'The request is refused: its bytes do not have exactly one reading.',
      why,
      'Send it once more as plain UTF-8 with unambiguous headers and members.',
    ),
  };
}

function unpack(request: OutgoingRequest): Uint8Array | Unreadable {
  const names = headerValues(request, 'content-encoding')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > encodingsMax) return unreadable('encoding-nested', 'It is packed more than four times.');
  let bytes: Uint8Array = request.body;
  for (const name of names.reverse()) {
    const next = unpackOne(name, bytes);
    if (next === null) {
      return unreadable(
        'encoding-mismatch',
        `Its body is not what its Content-Encoding (${label(name)}) says, or unpacks to more than 8 MiB.`,
      );
    }
    bytes = next;
  }
  return bytes;
}

function label(name: string): string {
  return /^[a-z0-9-]{1,16}$/.test(name) ? name : 'unknown';
}

function unpackOne(name: string, bytes: Uint8Array): Uint8Array | null {
  const options = { maxOutputLength: unpackedBytesMax };
  try {
    if (name === 'gzip' || name === 'x-gzip') return gunzipSync(bytes, options);
    if (name === 'br') return brotliDecompressSync(bytes, options);
    if (name === 'zstd') return zstdDecompressSync(bytes, options);
    if (name !== 'deflate') return null;
  } catch {
    return null;
  }
  try {
    return inflateSync(bytes, options);
  } catch {
    // RFC 9110 8.4.1.2: some senders leave out the zlib wrapper.
    try {
      return inflateRawSync(bytes, options);
    } catch {
      return null;
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Charsets in which every byte below 0x80 is ASCII and nothing else; in all others a quote may be half a letter. */
const plainCharset = /^["']?(utf-?8|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?\d|windows-125\d)["']?$/;

function hasPlainCharset(type: string): boolean {
  return [...type.matchAll(/charset\s*\*?\d*\*?\s*=\s*([^\s;,]*)/gi)].every(([, name = '']) =>
    plainCharset.test(name.toLowerCase()),
  );
}

function bodyFrom(bytes: Uint8Array, type: string, depth: number): Body | Unreadable {
  if (!hasPlainCharset(type)) {
    return unreadable('charset', 'Its charset is not one that every server reads alike.');
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return unreadable('utf-16', 'Its body is UTF-16, which servers read differently.');
  }
  const boundary = /boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;,]{1,200}))/i.exec(type);
  const mark = boundary?.[1] ?? boundary?.[2] ?? null;
  if (mark !== null && depth < 2 && /multipart\//i.test(type)) return readParts(bytes, mark, depth);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    const starts = bytes[0] === 0x7b || bytes[0] === 0x5b;
    return starts ? unreadable('utf-8', 'Its body looks like JSON but is not UTF-8.') : { kind: 'bytes' };
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1 && nul < 4 && (bytes[0] === 0 || bytes[1] === 0) && bytes.length > 3) {
    return unreadable('utf-16', 'Its body is UTF-16 without a mark, which servers read differently.');
  }
  return bodyFromText(text, type);
}

/** What a text is. `type` can only make a broken JSON body unreadable; it never turns one kind into another. */
export function bodyFromText(text: string, type: string): Body | Unreadable {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'empty' };
  const first = trimmed[0] ?? '';
  if ('{["'.includes(first) || /^(true|false|null|-?\d[\d.eE+-]*)$/.test(trimmed)) {
    const parsed = parseStrictJson(trimmed);
    if (parsed.kind === 'json') return { kind: 'json', value: parsed.value, text: trimmed };
    if (parsed.kind === 'duplicate') {
      return unreadable(
        'duplicate-member',
        'Its JSON names a member twice in one object; two parsers would believe different ones.',
      );
    }
    const lines = readLines(trimmed);
    if (lines !== null) return lines;
    if (/json/i.test(type) && !/graphql/i.test(type)) {
      return unreadable('broken-json', 'Its body is labelled as JSON and is not JSON.');
    }
    return { kind: 'text', text };
  }
  if (first === '<') return { kind: 'xml', text };
  if (/^[\w.\-[\]%+~$:*@]+(=[^\s]*)?$/.test(trimmed) && (trimmed.includes('=') || /urlencoded/i.test(type))) {
    return { kind: 'form', fields: fieldsOf(trimmed) };
  }
  return { kind: 'text', text };
}

function readLines(text: string): Body | Unreadable | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) return null;
  const values: unknown[] = [];
  for (const line of lines) {
    const parsed = parseStrictJson(line);
    if (parsed.kind === 'duplicate') return unreadable('duplicate-member', 'A line of its JSON names a member twice.');
    if (parsed.kind !== 'json') return null;
    values.push(parsed.value);
  }
  return { kind: 'lines', values };
}

/** application/x-www-form-urlencoded; a broken percent escape is kept as it is. */
export function fieldsOf(text: string): readonly Field[] {
  return [...new URLSearchParams(text)];
}

function readParts(bytes: Uint8Array, mark: string, depth: number): Body | Unreadable {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const pieces = text.split(`--${mark}`);
  if (pieces.length < 3)
    return unreadable('multipart', 'It is labelled as multipart, but its boundary is not in the body.');
  // What stands around the parts is ignored by who believes the label, and is all there is for who reads the bytes.
  if (pieces[0]?.trim() !== '' || !/^--\s*$/.test(pieces.at(-1) ?? ''))
    return unreadable('multipart', 'It is labelled as multipart, and has text around its parts.');
  const parts: { readonly name: string; readonly body: Body }[] = [];
  for (const piece of pieces.slice(1, -1)) {
    const split = piece.indexOf('\r\n\r\n');
    if (split === -1) return unreadable('multipart', 'One of its parts has no end of headers.');
    const head = piece.slice(0, split);
    const content = Buffer.from(piece.slice(split + 4).replace(/\r\n$/, ''), 'latin1');
    if (/content-transfer-encoding:\s*(?!7bit|8bit|binary)/i.test(head))
      return unreadable('multipart', 'One of its parts has a transfer encoding, which servers honour or ignore.');
    const name = /name="([^"]*)"/i.exec(head)?.[1] ?? '';
    const type = /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? '';
    const body = content.length === 0 ? ({ kind: 'empty' } as const) : bodyFrom(content, type, depth + 1);
    if (body.kind === 'unreadable') return body;
    parts.push({ name, body });
  }
  return { kind: 'parts', parts };
}
