// Distinguished Encoding Rules (X.690), just enough to write certificates and to find one field in them again.
// Not a general ASN.1 library: no indefinite lengths, no tags over 30. Its counterpart is certificates.ts.
// Own code because measured: a leaf by a general library costs ten to a hundred times as much.

export type Der = Uint8Array;

/** One tag-length-value, lengths up to 2^32. */
export function tlv(tag: number, ...parts: readonly Der[]): Der {
  const content = Buffer.concat(parts);
  const size = content.length;
  if (size < 128) return Buffer.concat([Buffer.of(tag, size), content]);
  const digits: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.concat([Buffer.of(tag, 0x80 | digits.length, ...digits), content]);
}

export const sequence = (...parts: readonly Der[]): Der => tlv(0x30, ...parts);
export const set = (...parts: readonly Der[]): Der => tlv(0x31, ...parts);
export const octets = (...parts: readonly Der[]): Der => tlv(0x04, ...parts);
export const boolean = (value: 'true' | 'false'): Der => tlv(0x01, Buffer.of(value === 'true' ? 0xff : 0));
export const utf8 = (text: string): Der => tlv(0x0c, Buffer.from(text, 'utf8'));

/** `unused` low bits of the last byte do not count (X.690 8.6.2). */
export function bits(content: Der, unused: number): Der {
  return tlv(0x03, Buffer.of(unused), content);
}

/** Non-negative integer from big-endian bytes: minimal form, a leading zero where the top bit is set. */
export function integer(bytes: Der): Der {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const digits = bytes.subarray(from);
  return ((digits[0] ?? 0) & 0x80) !== 0 ? tlv(0x02, Buffer.of(0), digits) : tlv(0x02, digits);
}

export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return tlv(0x06, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280 4.1.2.5). */
export function time(atMs: number): Der {
  const digits = new Date(atMs).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050
    ? tlv(0x17, Buffer.from(`${digits.slice(2)}Z`, 'latin1'))
    : tlv(0x18, Buffer.from(`${digits}Z`, 'latin1'));
}

export interface Element {
  readonly tag: number;
  readonly content: Der;
  /** Tag, length and content as they stand. */
  readonly whole: Der;
  readonly next: number;
}

/** The element that begins at `at`; null where the bytes end early. */
export function readElement(bytes: Der, at: number): Element | null {
  const tag = bytes[at];
  const lead = bytes[at + 1];
  if (tag === undefined || lead === undefined) return null;
  let size = lead;
  let from = at + 2;
  if (lead >= 0x80) {
    const count = lead & 0x7f;
    if (count === 0 || count > 4) return null;
    size = 0;
    for (let index = 0; index < count; index += 1) size = size * 256 + (bytes[from + index] ?? 0);
    from += count;
  }
  const next = from + size;
  if (next > bytes.length) return null;
  return { tag, content: bytes.subarray(from, next), whole: bytes.subarray(at, next), next };
}

/** The elements directly inside `content`; null where it is not a run of whole elements. */
export function readElements(content: Der): readonly Element[] | null {
  const found: Element[] = [];
  for (let at = 0; at < content.length; ) {
    const element = readElement(content, at);
    if (element === null) return null;
    found.push(element);
    at = element.next;
  }
  return found;
}
