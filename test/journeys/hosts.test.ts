import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestId, InventoryError, inventoryReport, libvirt, readAll } from '@leasehold/inventory';
import type { Answer, InventoryOutcome, Status } from '@leasehold/sdk';
import { asPerson, newLicense, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { KvmHost, whyNoLibvirt } from '../support/libvirt.js';
import { Floor, type Machine } from '../support/machine.js';

const why = whyNoLibvirt();
if (why !== undefined) console.log(`skipped: journeys with real hypervisor hosts: ${why}`);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const uuid = (n: number): string => `5f0c1d2e-1111-4222-8333-${String(n).padStart(12, '0')}`;
const [FILES, WEB, NEW] = [uuid(1), uuid(2), uuid(3)];

describe.skipIf(why !== undefined)('guests on real hypervisor hosts', () => {
  let bench: Bench;
  let floor: Floor;
  let hosts: readonly KvmHost[];
  let server: Machine;
  beforeAll(async () => {
    const starting = [1, 2, 3].map((n) => KvmHost.start(`kvm-${n}`, uuid(100 + n)));
    bench = await startBench();
    floor = new Floor(bench);
    hosts = await Promise.all(starting);
    hosts[0]!.define('files', FILES);
    hosts[0]!.virsh('start', 'files');
    hosts[1]!.define('web', WEB);
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    server = await floor.start('backup-server', { key: licenseKey });
  });
  afterAll(async () => {
    floor?.close();
    await Promise.all((hosts ?? []).map((host) => host.close()));
    await bench?.close();
  });

  const read = async (count = 2, cluster?: string) => {
    const found = await readAll(hosts.slice(0, count).map(({ uri }) => libvirt({ uri })));
    return inventoryReport(found, { product: PRODUCT, ...(cluster === undefined ? {} : { cluster }) });
  };
  const tell = async (count?: number, cluster?: string): Promise<InventoryOutcome> =>
    server.call('inventory', [await read(count, cluster), { agentlessInUse: true }]);
  const backup = (guest: string): Promise<Answer> =>
    server.call('authorize', { action: 'backup', machine: guestId(PRODUCT, guest), mode: 'agentless' });
  const license = async (host: KvmHost): Promise<void> => {
    const { id } = await newLicense(bench, { type: 'virtual' });
    const to = { type: 'host', id: guestId(PRODUCT, host.uuid) } as const;
    expect((await asPerson(bench, 'licenseBind', { params: { license: id }, body: { to } })).status).toBe(200);
    await server.call('check');
  };
  const unlicensed = (host: KvmHost) => [{ bindTo: `host:${guestId(PRODUCT, host.uuid)}` }];

  test('agentless backups of a guest on a licensed host, and of one on a host without', async () => {
    expect(await backup(FILES)).toMatchObject({ allowed: false });
    expect(await tell()).toMatchObject({ ok: true, sent: 2, disputed: [] });
    await license(hosts[0]!);
    expect(await backup(FILES)).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
    expect(await backup(WEB)).toMatchObject({
      decision: 'needs',
      reason_rule: 'AIP-6.2',
      needs: unlicensed(hosts[1]!),
    });
    // A host that cannot be asked is no host without guests: nothing is told, and all stays as it was.
    const gone = libvirt({ uri: 'qemu+unix:///system?socket=/nowhere/libvirt-sock' });
    await expect(readAll([libvirt({ uri: hosts[0]!.uri }), gone])).rejects.toBeInstanceOf(InventoryError);
    expect(await tell()).toMatchObject({ ok: true, sent: 0, disputed: [] });
    expect(await backup(FILES)).toMatchObject({ decision: 'allow' });
  });

  test('a guest that is made while the authority is away is covered by its host at once', async () => {
    const { port } = new URL(bench.authority.url);
    await bench.authority.close();
    hosts[0]!.define('new', NEW);
    expect(await tell()).toMatchObject({ ok: false });
    expect(await backup(NEW)).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
    await bench.restart(Number(port));
    expect(await tell()).toMatchObject({ ok: true, sent: 1, disputed: [] });
    expect(await backup(NEW)).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
  });

  test('a guest live-migrated at night: warned for its grace, then stopped, and cured by a license on its new host', async () => {
    floor.pass(14 * HOUR);
    // Below the ports that the system gives to outgoing connections, of which another test may just hold this one.
    hosts[0]!.migrate('files', hosts[1]!, 21_300);
    expect(hosts[1]!.virsh('domstate', 'files').trim()).toBe('running');
    expect(await tell()).toMatchObject({ ok: true, sent: 2, disputed: [] });
    const night = await backup(FILES);
    expect(night).toMatchObject({ allowed: true, warnings: ['SHORTAGE_GRACE'], needs: unlicensed(hosts[1]!) });
    expect(await backup(NEW)).toMatchObject({ decision: 'allow' });
    floor.pass(14 * DAY);
    await tell();
    await server.call('check');
    expect(await backup(FILES)).toMatchObject({ allowed: false, decision: 'needs', needs: unlicensed(hosts[1]!) });
    const restore = { action: 'restore', machine: guestId(PRODUCT, FILES) };
    expect(await server.call('authorize', restore)).toMatchObject({ allowed: true });
    await license(hosts[1]!);
    expect(await backup(FILES)).toMatchObject({ decision: 'allow', reason_rule: 'AIP-6.1' });
  });

  test('a cluster that grows to three nodes takes an additional-node license, which stays with it (AIP-5.4, AIP-5.5)', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux', seats: 2 });
    const own = { action: 'backup', machine: 'self', scope: 'system_image' };
    const nodes: Machine[] = [];
    for (const host of hosts.slice(0, 2))
      nodes.push(await floor.start(`node-${host.uuid}`, { key: licenseKey, uuid: host.uuid }));
    await tell(2, 'rack');
    for (const node of nodes) {
      await node.call('check');
      expect(await node.call('authorize', own)).toMatchObject({ decision: 'allow', reason_rule: 'AIP-0.1' });
    }
    await tell(3, 'rack');
    const additional = await newLicense(bench, { type: 'additional_node' });
    const third = await floor.start('node-3', { key: additional.licenseKey, uuid: hosts[2]!.uuid });
    expect(await third.call('authorize', own)).toMatchObject({ allowed: true });
    const { instance } = await third.call<Status>('status');
    expect((await asPerson(bench, 'machine', { params: { machine: instance! } })).body.machine).toMatchObject({
      status: 'valid',
      rule: 'AIP-5.4',
    });
    await asPerson(bench, 'inventoryReport', { body: { hosts: [], clusters: [{ id: 'other', nodes: [instance!] }] } });
    const to = { type: 'cluster_group', id: 'other' } as const;
    const other = await asPerson(bench, 'licenseBind', { params: { license: additional.id }, body: { to } });
    expect(other.problem).toMatchObject({ rule: 'AIP-5.5', reason: 'BOUND_TO_OTHER_GROUP' });
  });
});
