// Reads the server name out of a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3) without answering it.
// Used for blind tunnels only, where it is all that is ever seen. Not a TLS implementation: what it cannot read is
// `unreadable`, and the tunnel ends. Intercepted hosts get the name from their finished handshake instead.

export type HelloReading =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'unreadable' }
  /** null: the client named no server. */
  | { readonly kind: 'hello'; readonly serverName: string | null };

/** Post-quantum key shares make hellos of about 2 KiB; nothing honest comes near this. */
export const helloBytesMax = 65_536;

const unreadable: HelloReading = { kind: 'unreadable' };

/** Joins the handshake fragments of consecutive TLS records; null while they do not hold the whole message. */
function handshakeOf(bytes: Buffer): Buffer | null | 'unreadable' {
  const parts: Buffer[] = [];
  let have = 0;
  for (let at = 0; at + 5 <= bytes.length; ) {
    if (bytes[at] !== 0x16 || bytes[at + 1] !== 0x03) return 'unreadable';
    const size = bytes.readUInt16BE(at + 3);
    if (size === 0 || size > 16_640) return 'unreadable';
    const part = bytes.subarray(at + 5, at + 5 + size);
    parts.push(part);
    have += part.length;
    const joined = parts.length === 1 ? part : Buffer.concat(parts, have);
    if (joined.length >= 1 && joined[0] !== 1) return 'unreadable';
    if (joined.length >= 4 && joined.length >= 4 + joined.readUIntBE(1, 3)) {
      return joined.subarray(4, 4 + joined.readUIntBE(1, 3));
    }
    at += 5 + size;
  }
  return null;
}

/** Skips a vector with a length of `lengthBytes`; -1 past the end. */
function skip(body: Buffer, at: number, lengthBytes: number): number {
  if (at < 0 || at + lengthBytes > body.length) return -1;
  const next = at + lengthBytes + body.readUIntBE(at, lengthBytes);
  return next > body.length ? -1 : next;
}

function nameIn(extension: Buffer): HelloReading {
  // list length (2), type 0 = host_name (1), length (2), name: exactly one entry, as every client sends it.
  if (extension.length < 5 || extension[2] !== 0) return unreadable;
  const size = extension.readUInt16BE(3);
  if (extension.readUInt16BE(0) !== size + 3 || extension.length !== size + 5) return unreadable;
  return { kind: 'hello', serverName: extension.toString('latin1', 5) };
}

/** Reads what has arrived so far. Two server_name extensions are two readings and so unreadable. */
export function readClientHello(bytes: Buffer): HelloReading {
  const body = handshakeOf(bytes);
  if (body === 'unreadable') return unreadable;
  if (body === null) return bytes.length > helloBytesMax ? unreadable : { kind: 'incomplete' };
  // version (2), random (32), session id, cipher suites, compression methods, extensions
  let at = skip(body, skip(body, skip(body, 34, 1), 2), 1);
  if (at === body.length) return { kind: 'hello', serverName: null };
  if (at < 0 || skip(body, at, 2) !== body.length) return unreadable;
  let found: HelloReading | null = null;
  for (at += 2; at < body.length; ) {
    const next = at + 2 > body.length ? -1 : skip(body, at + 2, 2);
    if (next < 0) return unreadable;
    if (body.readUInt16BE(at) === 0) {
      if (found !== null) return unreadable;
      found = nameIn(body.subarray(at + 4, next));
    }
    at = next;
  }
  return found ?? { kind: 'hello', serverName: null };
}
