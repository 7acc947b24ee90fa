// The ClientHello reader against hellos of a real TLS client, whole, in pieces, cut off and tampered with.

import { type AddressInfo, createServer } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { helloBytesMax, readClientHello } from './client-hello.ts';

/** What Node's TLS client sends first for this server name, taken off a real socket. */
async function helloFor(servername: string): Promise<Buffer> {
  let client: TLSSocket | null = null;
  const bytes = await new Promise<Buffer>((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (chunk: Buffer) => {
        resolve(chunk);
        socket.destroy();
        server.close();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      client = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
      client.on('error', () => {});
    });
  });
  (client as TLSSocket | null)?.destroy();
  return bytes;
}

/** Splits the one record into records of `size` bytes: legal, and a known way past naive readers. */
function inRecords(hello: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 5; at < hello.length; at += size) {
    const part = hello.subarray(at, at + size);
    parts.push(Buffer.of(0x16, 3, 1, part.length >> 8, part.length & 0xff), part);
  }
  return Buffer.concat(parts);
}

describe('readClientHello', () => {
  it('finds the server name', async () => {
    expect(readClientHello(await helloFor('api.model.test'))).toEqual({ kind: 'hello', serverName: 'api.model.test' });
  });

  it('finds none where none was sent', async () => {
    expect(readClientHello(await helloFor(''))).toEqual({ kind: 'hello', serverName: null });
  });

  it('waits for the rest at every cut', async () => {
    const hello = await helloFor('api.model.test');
    for (let size = 0; size < hello.length; size += 1) {
      expect(readClientHello(hello.subarray(0, size)).kind).toBe('incomplete');
    }
  });

  it.each([1, 7, 100])('joins records of %i bytes', async (size) => {
    const hello = inRecords(await helloFor('api.model.test'), size);
    expect(readClientHello(hello)).toEqual({ kind: 'hello', serverName: 'api.model.test' });
  });

  it('never throws, whatever byte is changed, and never invents a name', async () => {
    const hello = await helloFor('api.model.test');
    let changed = 0;
    for (let at = 0; at < hello.length; at += 1) {
      const bytes = Buffer.from(hello);
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      const reading = readClientHello(bytes);
      if (reading.kind !== 'hello' || reading.serverName !== 'api.model.test') changed += 1;
    }
    expect(changed).toBeGreaterThan(14);
  });

  const unreadable: readonly (readonly [what: string, bytes: Buffer])[] = [
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
    ['a TLS alert', Buffer.of(0x15, 3, 1, 0, 2, 2, 40)],
    ['a ServerHello', Buffer.of(0x16, 3, 3, 0, 4, 2, 0, 0, 0)],
    ['an empty record', Buffer.of(0x16, 3, 1, 0, 0)],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
  ];
  it.each(unreadable)('does not read %s', (_what, bytes) => {
    expect(readClientHello(bytes).kind).toBe('unreadable');
  });

  it('gives up on a hello without end', () => {
    const record = Buffer.concat([Buffer.of(0x16, 3, 1, 0x40, 0), Buffer.alloc(0x4000, 1)]);
    record.set([1, 0xff, 0xff, 0xff], 5);
    const rest = Buffer.concat([Buffer.of(0x16, 3, 1, 0x40, 0), Buffer.alloc(0x4000, 1)]);
    const endless = Buffer.concat([record, rest, rest, rest, rest]);
    expect(endless.length).toBeGreaterThan(helloBytesMax);
    expect(readClientHello(endless).kind).toBe('unreadable');
  });

  it('does not choose between two server names', async () => {
    const hello = await helloFor('api.model.test');
    const extension = hello.indexOf(Buffer.from([0, 0, 0, 19, 0, 17, 0, 0, 14]));
    expect(extension).toBeGreaterThan(0);
    const copy = hello.subarray(extension, extension + 23);
    const doubled = Buffer.concat([hello.subarray(0, extension), copy, hello.subarray(extension)]);
    const grow = (at: number, width: number) =>
      doubled.writeUIntBE(doubled.readUIntBE(at, width) + copy.length, at, width);
    grow(3, 2);
    grow(6, 3);
    // The extensions' length stands before the first of them; the client puts server_name first or we find it by scan.
    for (let at = 9; at < extension; at += 1) {
      if (at + 2 + doubled.readUInt16BE(at) === hello.length) {
        grow(at, 2);
        break;
      }
    }
    expect(readClientHello(doubled).kind).toBe('unreadable');
  });
});
