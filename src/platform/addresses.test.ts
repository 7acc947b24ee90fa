// Tables of addresses and names: what agents may not reach, in every spelling we know, and what they may.

import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isForbidden, ownAddresses, resolvePinned } from './addresses.ts';
import { HoldpointError } from './fault.ts';

const own = ['192.168.7.9', '2001:db8:77::9'];

const forbiddenAddresses: readonly (readonly [address: string, because: string])[] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'all of 127/8 is loopback'],
  ['0.0.0.0', 'unspecified reaches this machine'],
  ['0.1.2.3', 'this network'],
  ['169.254.169.254', 'metadata of most clouds'],
  ['169.254.170.2', 'metadata of ECS tasks'],
  ['168.63.129.16', 'Azure'],
  ['100.100.100.200', 'Alibaba'],
  ['192.0.0.192', 'Oracle'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.250', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['192.168.7.9', "the machine's own address"],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback, written out'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'end of link-local'],
  ['ff02::1', 'multicast'],
  ['fd00:ec2::254', 'metadata of AWS'],
  ['fd20:ce::254', 'metadata of Google'],
  ['2001:db8:77::9', "the machine's own address"],
  ['2001:0db8:0077:0:0:0:0:9', "the machine's own address, written out"],
  ['::ffff:127.0.0.1', 'mapped'],
  ['::ffff:7f00:1', 'mapped, in hex'],
  ['::FFFF:A9FE:A9FE', 'mapped metadata, upper case'],
  ['::ffff:192.168.7.9', 'mapped own address'],
  ['::127.0.0.1', 'compatible'],
  ['::ffff:0:127.0.0.1', 'translated (SIIT)'],
  ['64:ff9b::7f00:1', 'NAT64'],
  ['64:ff9b::169.254.169.254', 'NAT64 metadata'],
  ['64:ff9b:1::1', 'local NAT64'],
  ['2002:7f00:1::', '6to4 of 127.0.0.1'],
  ['2002:a9fe:a9fe::1', '6to4 of metadata'],
  ['2001:0:1:2:3:4:5:6', 'Teredo'],
  ['fe80::5efe:127.0.0.1', 'ISATAP, link-local'],
  ['2001:db8::5efe:7f00:1', 'ISATAP'],
  ['::1%lo', 'zones name interfaces'],
  ['2130706433', 'no plain address'],
  ['127.1', 'no plain address'],
  ['', 'no address'],
  ['example.test', 'no address'],
];

const allowedAddresses: readonly (readonly [address: string, because: string])[] = [
  ['8.8.8.8', 'public'],
  ['10.0.0.5', 'private, self-hosted infrastructure'],
  ['172.16.3.4', 'private'],
  ['192.168.7.8', 'private neighbour'],
  ['100.64.0.1', 'shared address space (VPNs)'],
  ['168.63.129.17', 'beside Azure'],
  ['126.255.255.255', 'below loopback'],
  ['128.0.0.1', 'above loopback'],
  ['2606:4700::1111', 'public'],
  ['fd12:3456::1', 'unique local'],
  ['::ffff:8.8.8.8', 'mapped public'],
  ['64:ff9b::808:808', 'NAT64 of public'],
  ['2002:808:808::1', '6to4 of public'],
  ['2001:4860:4860::8888', 'public, not Teredo'],
];

describe('isForbidden', () => {
  it.each(forbiddenAddresses)('refuses %s: %s', (address) => {
    expect(isForbidden(address, own)?.code).toBe('address-forbidden');
  });
  it.each(allowedAddresses)('allows %s: %s', (address) => {
    expect(isForbidden(address, own)).toBeNull();
  });
  it("knows the machine's interfaces by itself", () => {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    expect(all.length).toBeGreaterThan(0);
    expect(ownAddresses()).toHaveLength(all.length);
    for (const { address } of all) expect(isForbidden(address.split('%')[0] ?? '')).not.toBeNull();
  });
});

const refusedHosts: readonly (readonly [host: string, answers: readonly string[], because: string])[] = [
  ['localhost', ['8.8.8.8'], 'by name, whatever the resolver says'],
  ['LOCALHOST.', ['8.8.8.8'], 'upper case, trailing dot'],
  ['foo.localhost', ['8.8.8.8'], 'below localhost'],
  ['localhost.localdomain', ['8.8.8.8'], 'as in /etc/hosts'],
  ['127.0.0.1.nip.test', ['127.0.0.1'], 'a public name for loopback'],
  ['rebind.test', ['8.8.8.8', '127.0.0.1'], 'one bad address among good ones'],
  ['rebind6.test', ['2606:4700::1111', '::ffff:127.0.0.1'], 'mapped among good ones'],
  ['metadata.test', ['169.254.169.254'], 'metadata by name'],
  ['self.test', ['192.168.7.9'], 'this machine by name'],
  ['2130706433', ['8.8.8.8'], 'decimal'],
  ['017700000001', ['8.8.8.8'], 'octal'],
  ['0x7f000001', ['8.8.8.8'], 'hexadecimal'],
  ['0x7f.1', ['8.8.8.8'], 'short and hexadecimal'],
  ['0177.0.0.1', ['8.8.8.8'], 'octal part'],
  ['127.1', ['8.8.8.8'], 'short'],
  ['127.0.0.1.', ['8.8.8.8'], 'trailing dot'],
  ['[::1]', ['8.8.8.8'], 'brackets'],
  ['[::ffff:127.0.0.1]', ['8.8.8.8'], 'mapped in brackets'],
  ['[fe80::1%eth0]', ['8.8.8.8'], 'zone'],
];

describe('resolvePinned', () => {
  it.each(refusedHosts)('refuses %s (%j): %s', async (host, answers) => {
    const pinned = await resolvePinned(host, { lookup: async () => answers, own });
    expect(pinned.kind).toBe('refused');
  });

  it('pins the first address of a name, and a literal without asking', async () => {
    const asked: string[] = [];
    const lookup = async (host: string) => {
      asked.push(host);
      return ['203.0.113.5', '203.0.113.6'];
    };
    expect(await resolvePinned('API.example.test.', { lookup, own })).toEqual({
      kind: 'pinned',
      address: '203.0.113.5',
    });
    expect(await resolvePinned('10.1.2.3', { lookup, own })).toEqual({ kind: 'pinned', address: '10.1.2.3' });
    expect(await resolvePinned('[2606:4700::1111]', { lookup, own })).toEqual({
      kind: 'pinned',
      address: '2606:4700::1111',
    });
    expect(asked).toEqual(['api.example.test']);
  });

  it('reports a name without addresses as a fault, not as a refusal', async () => {
    const failing = resolvePinned('nowhere.test', { lookup: () => Promise.reject(new Error('ENOTFOUND')), own });
    await expect(failing).rejects.toSatisfy(
      (fault) => fault instanceof HoldpointError && fault.code === 'host-not-resolved',
    );
    await expect(resolvePinned('empty.test', { lookup: async () => [], own })).rejects.toThrow('no address');
  });
});
