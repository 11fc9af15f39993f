import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { InventoryError, inventoryReport, proxmox, type ProxmoxOptions } from '@leasehold/inventory';
import { AUTHORITY, ProxmoxServer, TOKEN, type ProxmoxSite } from '../support/proxmox-server.js';

const uuid = (n: number): string => `0a0b0c0d-1111-4222-8333-${String(n).padStart(12, '0')}`;
const smbios = (n: number): string => `uuid=${uuid(n).toUpperCase()},manufacturer=QWNtZQ==,base64=1`;
const node = (guests: Record<number, string | null>, online = true) => ({ online, guests });
const site = (): ProxmoxSite => ({
  cluster: 'lab',
  nodes: { 'pve-1': node({ 100: smbios(1), 101: '', 900: null }), 'pve-2': node({ 102: smbios(2) }) },
});

let server: ProxmoxServer;
beforeAll(async () => void (server = await ProxmoxServer.start(site())));
beforeEach(() => void Object.assign(server, { site: site(), before: () => undefined }));
afterAll(() => server.close());

const read = (more: Partial<ProxmoxOptions> = {}, signal?: AbortSignal) =>
  proxmox({ url: server.url, token: TOKEN, trust: { ca: server.ca }, timeoutMs: 2000, ...more }).read(signal);
async function problemOf(reading: Promise<unknown>): Promise<InventoryError> {
  const failure: unknown = await reading.catch((thrown: unknown) => thrown);
  if (InventoryError.is(failure)) return failure;
  throw new Error(`no problem: ${JSON.stringify(failure)}`);
}

describe('Proxmox VE', () => {
  test('a cluster with its nodes; a guest without UUID goes by its number, a template is none', async () => {
    const { hosts, clusters, silent } = await read();
    const pve = (name: string) => ({ by: 'name', scope: AUTHORITY, name });
    expect(hosts).toMatchObject([
      { host: pve('pve-1'), kind: 'bare_metal', hypervisor: 'kvm', guests: [uuid(1), `${AUTHORITY}/101`] },
      { host: pve('pve-2'), guests: [uuid(2)] },
    ]);
    expect(hosts[0]).not.toHaveProperty('hci');
    expect(clusters).toEqual([{ id: AUTHORITY, name: 'lab', nodes: [pve('pve-1'), pve('pve-2')] }]);
    expect(silent).toEqual([]);
  });

  test('nodes with the cluster’s own storage are a hyper-converged system; why it cannot be told is a failure', async () => {
    server.site = { ...site(), ceph: ['pve-2'] };
    expect((await read()).hosts.map(({ hci }) => hci)).toEqual([undefined, AUTHORITY]);
    server.instead = { path: '/ceph/', status: 500, reason: 'got timeout' };
    expect((await problemOf(read())).code).toBe('UNREACHABLE');
  });

  test('a node that is off is silent and stays in its cluster; a node of its own has none', async () => {
    server.site = { ...site(), nodes: { ...site().nodes, 'pve-2': node({ 102: smbios(2) }, false) } };
    const { hosts, clusters, silent } = await read();
    expect([hosts.length, clusters[0]!.nodes.length, silent]).toEqual([1, 2, ['pve-2']]);
    server.site = { nodes: { alone: node({ 100: smbios(1) }) } };
    expect(await read()).toMatchObject({ hosts: [{ host: { scope: AUTHORITY, name: 'alone' } }], clusters: [] });
  });

  test('two installations of one name are two: nodes of their own called `pve`, and clusters alike', async () => {
    const alone = { nodes: { pve: node({ 100: '' }) } };
    const told = [];
    for (const { authority, cluster } of [
      { authority: 'AA:01' },
      { authority: 'BB:02' },
      { authority: 'AA:01', cluster: 'lab' },
      { authority: 'BB:02', cluster: 'lab' },
    ]) {
      server.site = { ...alone, authority, ...(cluster === undefined ? {} : { cluster, ceph: ['pve'] }) };
      told.push(inventoryReport(await read(), { product: 'p' }));
    }
    const [one, two, ...clusters] = told.map(({ hosts }) => hosts[0]!);
    expect(one!.name).toBe(two!.name);
    expect([one!.id, one!.guests]).not.toEqual([two!.id, two!.guests]);
    expect(one!.id).not.toBe(two!.id);
    // A node that becomes the first of a cluster stays the host it was.
    expect(clusters[0]!.id).toBe(one!.id);
    expect(new Set(clusters.map(({ hciId }) => hciId)).size).toBe(2);
    expect(new Set(told.slice(2).map((report) => report.clusters![0]!.id)).size).toBe(2);
  });

  test('a guest that moves in a large cluster while others are looked at was on the list of a node before', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `pve-${n + 10}`);
    const nodes = Object.fromEntries(names.map((name, n) => [name, node({ [100 + n]: smbios(n + 1) })]));
    server.site = { cluster: 'lab', nodes };
    server.before = (path) => {
      if (!path.endsWith('/config')) return;
      // The last node's guest moves to the first, which has told its list.
      Object.assign(nodes['pve-10']!.guests, nodes['pve-21']!.guests);
      nodes['pve-21']!.guests = {};
    };
    const { hosts } = await read();
    expect(hosts.flatMap(({ guests }) => guests).sort()).toEqual(names.map((_, n) => uuid(n + 1)));
  });

  test('a guest that moves while it is looked at is looked for once more', async () => {
    server.instead = { path: '/102/config', status: 500, reason: "Configuration file 'x' does not exist" };
    expect((await read()).hosts[1]!.guests).toEqual([uuid(2)]);
  });

  test.each([
    ['REFUSED', { path: '/cluster/status', status: 403, reason: 'Permission check failed (/, Sys.Audit)' }],
    ['UNREACHABLE', { path: '/qemu', status: 596, reason: 'Connection timed out' }],
    ['UNREACHABLE', { path: '/config', status: 500, reason: 'unable to read' }],
    ['ANSWER_UNREADABLE', { path: '/qemu', status: 200 }],
    ['ANSWER_UNREADABLE', { path: '/qemu', status: 200, body: '{"data":[{"vmid":1' }],
    ['ANSWER_UNREADABLE', { path: '/qemu', status: 200, body: '{"data":[{"name":"x"}]}' }],
    ['ANSWER_UNREADABLE', { path: '/cluster/status', status: 200, body: '{"data":[]}' }],
  ])('%s and no empty inventory: %o', async (code, instead) => {
    server.instead = instead;
    expect((await problemOf(read())).code).toBe(code);
  });

  test('the certificate is believed by its authority or its fingerprint, before the token leaves', async () => {
    expect((await read({ trust: { fingerprint: server.fingerprint } })).hosts).toHaveLength(2);
    const before = server.asked.length;
    expect((await problemOf(read({ trust: {} }))).code).toBe('BAD_CERTIFICATE');
    const other = server.fingerprint.replace(/^../, (first) => (first === '00' ? '01' : '00'));
    expect((await problemOf(read({ trust: { fingerprint: other } }))).code).toBe('BAD_CERTIFICATE');
    expect((await problemOf(read({ trust: { fingerprint: '' } }))).code).toBe('OPTIONS_INVALID');
    expect(server.asked).toHaveLength(before);
  });

  test('a wrong token is refused, silence is a timeout, and no problem shows the token', async () => {
    const wrong = await problemOf(read({ token: 'audit@pve!leasehold=nonsense' }));
    expect(wrong.code).toBe('REFUSED');
    server.hangs = true;
    const silent = await problemOf(read({ timeoutMs: 300 }));
    expect(silent.code).toBe('TIMEOUT');
    await expect(read({}, AbortSignal.timeout(100))).rejects.toThrow();
    server.hangs = false;
    expect(inspect([wrong, silent], { depth: 9 })).not.toMatch(/nonsense|aaaaaaaa/);
    const closed = await problemOf(read({ url: 'https://127.0.0.1:1' }));
    expect(closed.code).toBe('UNREACHABLE');
    for (const url of ['http://127.0.0.1:8006', 'https://root:secret@127.0.0.1', 'pve']) {
      expect((await problemOf(read({ url }))).code).toBe('OPTIONS_INVALID');
    }
    expect(() => proxmox({ url: server.url, token: 'root@pam' })).toThrow(InventoryError);
  });
});
