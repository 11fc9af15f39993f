import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestId, InventoryError, inventoryReport, libvirt, readAll } from '@leasehold/inventory';
import { fingerprint, componentHashes } from '@leasehold/fingerprint';
import { KvmHost, whyNoLibvirt } from '../support/libvirt.js';
import { machines, makeMachine } from '../fingerprint/machine-tree.js';

const why = whyNoLibvirt();
if (why !== undefined) console.log(`skipped: real libvirt hosts: ${why}`);

const UUID = '6695eb01-f6a4-8304-79aa-97f2502e193f';
const codeOf = async (reading: Promise<unknown>): Promise<string> => {
  const failure: unknown = await reading.catch((thrown: unknown) => thrown);
  return InventoryError.is(failure) ? failure.code : `no problem: ${JSON.stringify(failure)}`;
};

describe.skipIf(why !== undefined)('libvirt', () => {
  let host: KvmHost;
  beforeAll(async () => void (host = await KvmHost.start('kvm-a', '11111111-2222-4333-8444-55555555aaaa')));
  afterAll(() => host?.close());

  test('a host with no guest is an empty list; guests that run and guests that are off are on it', async () => {
    const provider = libvirt({ uri: host.uri });
    const found = { host: { by: 'uuid', uuid: host.uuid }, label: 'kvm-a', kind: 'bare_metal', hypervisor: 'kvm' };
    expect(await provider.read()).toEqual({ hosts: [{ ...found, guests: [] }], clusters: [], silent: [] });
    host.define('files-01', UUID);
    host.define('files-02', '6695eb01-f6a4-8304-79aa-97f2502e1940');
    host.virsh('start', 'files-02');
    const { hosts } = await provider.read();
    expect([...hosts[0]!.guests].sort()).toEqual([UUID, '6695eb01-f6a4-8304-79aa-97f2502e1940']);
  });

  test('a daemon that is gone is a failure, and no host without guests; nor is one place of two that fails', async () => {
    const gone = libvirt({ uri: 'qemu+unix:///system?socket=/nowhere/libvirt-sock' });
    expect(await codeOf(gone.read())).toBe('UNREACHABLE');
    expect(await codeOf(readAll([libvirt({ uri: host.uri }), gone]))).toBe('UNREACHABLE');
    expect(await codeOf(libvirt({ uri: host.uri, timeoutMs: 1 }).read())).toBe('TIMEOUT');
    await expect(libvirt({ uri: host.uri }).read(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  test('the built-in test driver: a host whose firmware names no UUID has to be given one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-libvirt-'));
    const file = join(folder, 'fleet.xml');
    const domain = `<domain type='test'><name>a</name><uuid>${UUID}</uuid><memory>8</memory><os><type>hvm</type></os></domain>`;
    writeFileSync(file, `<node>${domain}</node>`);
    try {
      expect(await codeOf(libvirt({ uri: `test://${file}` }).read())).toBe('HOST_UNNAMED');
      const { hosts } = await libvirt({ uri: `test://${file}`, hostUuid: host.uuid.toUpperCase() }).read();
      expect(hosts).toMatchObject([{ host: { uuid: host.uuid }, hypervisor: 'test', guests: [UUID] }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is reported', () => {
  test('guests and hosts are named by the hash that an agent inside them tells of its hardware', async () => {
    const root = makeMachine(machines.guest({ product_uuid: UUID.toUpperCase() }));
    const inside = await fingerprint({ salt: 'leasehold acme-backup', root, platform: 'linux' });
    expect(guestId('acme-backup', UUID)).toBe(componentHashes(inside.components).hardware_uuid);
    const host = { by: 'uuid', uuid: UUID } as const;
    const found = { host, label: 'kvm-a', kind: 'bare_metal', hypervisor: 'kvm', guests: [UUID] } as const;
    const inventory = { hosts: [found], clusters: [], silent: [] };
    const report = inventoryReport(inventory, { product: 'acme-backup', cluster: 'cg', hci: 'system', labels: false });
    expect(report).toMatchObject({
      hosts: [{ id: guestId('acme-backup', UUID) }],
      clusters: [{ nodes: [guestId('acme-backup', UUID)] }],
    });
    expect(report.hosts[0]).toHaveProperty('hciId');
    expect(JSON.stringify(report)).not.toMatch(/kvm-a|6695eb01|system/i);
    expect(guestId('another', UUID)).not.toBe(guestId('acme-backup', UUID));
  });

  test('options that cannot be are told before anything is asked', () => {
    expect(() => libvirt({ uri: 'kvm-1' })).toThrow(InventoryError);
    expect(() => libvirt({ uri: 'qemu:///system', hostUuid: 'kvm-1' })).toThrow(InventoryError);
  });
});
