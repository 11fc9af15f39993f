import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hyperV, vsphere, type InventoryError } from '@leasehold/inventory';
import { selfSigned } from '../support/certificate.js';

// Recorded, not run: neither a vCenter Server nor a Hyper-V host exists here. The answers are written by their documentation.

const { key, cert } = selfSigned(2);
const vm = (bios: string, version: string, guestOs: string) => ({
  identity: { bios_uuid: bios, instance_uuid: '50230c81-331b-58e1-2730-ca560789e551', name: 'any' },
  hardware: { version, upgrade_policy: 'NEVER', upgrade_status: 'NONE' },
  guest_OS: guestOs,
});
const HOSTS = [
  { host: 'host-10', name: 'esx-1.example', connection_state: 'CONNECTED', power_state: 'POWERED_ON' },
  { host: 'host-11', name: 'esx-2.example', connection_state: 'NOT_RESPONDING' },
];
const recorded: Record<string, unknown> = {
  '/api/vcenter/host': HOSTS,
  '/api/vcenter/cluster': [{ cluster: 'domain-c8', name: 'Gold', ha_enabled: true, drs_enabled: true }],
  '/api/vcenter/host?clusters=domain-c8': HOSTS,
  '/api/vcenter/vm?hosts=host-10': [{ vm: 'vm-1' }, { vm: 'vm-2' }, { vm: 'vm-3' }],
  '/api/vcenter/vm/vm-1': vm('42023081-331b-58e1-2730-ca560789e551', 'VMX_19', 'UBUNTU_64'),
  '/api/vcenter/vm/vm-2': vm('00112233-4455-6677-8899-aabbccddeeff', 'VMX_10', 'RHEL_7_64'),
  '/api/vcenter/vm/vm-3': vm('00112233-4455-6677-8899-aabbccddeef0', 'VMX_10', 'WINDOWS_9_64'),
};
/** What a vCenter cannot answer, and says so. */
const failing: Record<string, object> = {};
const asked: string[] = [];
let server: Server;
beforeAll(async () => {
  server = createServer({ key, cert }, (request, response) => {
    const { method, url = '', headers } = request;
    asked.push(`${method} ${url}`);
    const signedIn = headers['vmware-api-session-id'] === 'session-1';
    const basic = `Basic ${Buffer.from('audit:pä55').toString('base64')}`;
    const [status, body] =
      method === 'POST' && headers.authorization === basic
        ? [201, 'session-1']
        : signedIn && url in failing
          ? [500, failing[url]]
          : signedIn && (method === 'DELETE' || url in recorded)
            ? [method === 'DELETE' ? 204 : 200, recorded[url]]
            : [signedIn ? 404 : 401, { error_type: 'UNAUTHENTICATED' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void server.close());

const provider = (more = {}) => {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return vsphere({ url, user: 'audit', password: 'pä55', trust: { ca: cert }, site: 'vc', ...more });
};
const codeOf = async (reading: Promise<unknown>) =>
  ((await reading.catch((thrown: unknown) => thrown)) as InventoryError).code;

describe('vSphere (recorded, not run)', () => {
  test('hosts, clusters and guests as these see themselves; a host that is not connected is silent', async () => {
    const host = (name: string) => ({ by: 'name', scope: 'vc', name });
    expect(await provider({ hciClusters: ['Gold'] }).read()).toEqual({
      hosts: [
        {
          host: host('host-10'),
          label: 'esx-1.example',
          kind: 'bare_metal',
          hypervisor: 'esxi',
          hci: 'vc/domain-c8',
          // Little-endian tables are read the other way round; old ones only by Windows.
          guests: [
            '81300242-1b33-e158-2730-ca560789e551',
            '00112233-4455-6677-8899-aabbccddeeff',
            '33221100-5544-7766-8899-aabbccddeef0',
          ],
        },
      ],
      clusters: [{ id: 'vc/domain-c8', name: 'Gold', nodes: [host('host-10'), host('host-11')] }],
      silent: ['esx-2.example'],
      inaccessible: [],
    });
    expect(asked.at(-1)).toBe('DELETE /api/session');
  });

  test('a guest whose storage is away, or that no host knows any more, is told as that, and the rest is read', async () => {
    const before = { ...recorded };
    recorded['/api/vcenter/vm?hosts=host-10'] = [{ vm: 'vm-1' }, { vm: 'vm-2', name: 'files-03' }, { vm: 'vm-3' }];
    failing['/api/vcenter/vm/vm-2'] = { error_type: 'RESOURCE_INACCESSIBLE', messages: [] };
    const { hosts, inaccessible } = await provider().read();
    expect([hosts[0]!.guests.length, inaccessible]).toEqual([2, ['files-03']]);
    // A failure of the vCenter itself is none of the guest.
    failing['/api/vcenter/vm/vm-2'] = { error_type: 'INTERNAL_SERVER_ERROR', messages: [] };
    expect(await codeOf(provider().read())).toBe('UNREACHABLE');
    delete failing['/api/vcenter/vm/vm-2'];
    Object.assign(recorded, before);
  });

  test('a guest whose UUID is nobody’s goes by its number within its vCenter', async () => {
    const { '/api/vcenter/vm/vm-3': kept } = recorded;
    recorded['/api/vcenter/vm/vm-3'] = vm('00000000-0000-0000-0000-000000000000', 'VMX_19', 'WINDOWS_9_64');
    expect((await provider().read()).hosts[0]!.guests.at(-1)).toBe('vc/vm-3');
    recorded['/api/vcenter/vm/vm-3'] = kept;
  });

  test('a guest that is deleted while others are looked at is none, and no failure of all', async () => {
    const { '/api/vcenter/vm/vm-3': kept } = recorded;
    delete recorded['/api/vcenter/vm/vm-3'];
    const { hosts } = await provider().read();
    expect(hosts[0]!.guests).toHaveLength(2);
    recorded['/api/vcenter/vm/vm-3'] = kept;
  });

  test('a guest that moves while others are looked at was on the list of a host before', async () => {
    const before = { ...recorded };
    const ids = Array.from({ length: 9 }, (_, n) => `host-2${n}`);
    recorded['/api/vcenter/host'] = ids.map((host) => ({ host, name: host, connection_state: 'CONNECTED' }));
    for (const id of ids) recorded[`/api/vcenter/vm?hosts=${id}`] = [{ vm: 'vm-1' }];
    recorded['/api/vcenter/vm?hosts=host-28'] = [{ vm: 'vm-2' }];
    const { '/api/vcenter/vm/vm-1': guest } = before;
    const move = () => {
      recorded['/api/vcenter/vm?hosts=host-28'] = [];
      return guest;
    };
    Object.defineProperty(recorded, '/api/vcenter/vm/vm-1', { get: move, configurable: true, enumerable: true });
    expect((await provider().read()).hosts.at(-1)!.guests).toEqual(['00112233-4455-6677-8899-aabbccddeeff']);
    delete recorded['/api/vcenter/vm/vm-1'];
    Object.assign(recorded, before);
  });

  test('a wrong password is refused; a guest that cannot be read is a failure', async () => {
    expect(await codeOf(provider({ password: 'guess' }).read())).toBe('REFUSED');
    const { '/api/vcenter/vm/vm-3': kept } = recorded;
    recorded['/api/vcenter/vm/vm-3'] = { identity: {}, hardware: { version: 'VMX_19' } };
    expect(await codeOf(provider().read())).toBe('ANSWER_UNREADABLE');
    recorded['/api/vcenter/vm/vm-3'] = kept;
  });
});

describe('Hyper-V (recorded, not run)', () => {
  const guest = { id: 'B1C0', biosGuid: '{6695EB01-F6A4-8304-79AA-97F2502E193F}' };
  const node = { name: 'HV-1', uuid: '4C4C4544-0042-3510-8051-B4C04F4E5232', productType: 3, guests: [guest] };
  const told = (answer: object) => hyperV({ run: () => Promise.resolve(JSON.stringify(answer)) }).read();

  test('a cluster with shared disks of its own, and a client computer', async () => {
    const cluster = { name: 'CLU1', s2d: true };
    const { hosts, clusters } = await told({ cluster, nodes: [node] });
    const host = { by: 'uuid', uuid: '4c4c4544-0042-3510-8051-b4c04f4e5232' };
    const guests = ['6695eb01-f6a4-8304-79aa-97f2502e193f'];
    expect(hosts).toEqual([{ host, label: 'HV-1', kind: 'bare_metal', hypervisor: 'hyperv', hci: 'CLU1', guests }]);
    expect(clusters).toEqual([{ name: 'CLU1', nodes: [host] }]);
    expect((await told({ cluster: null, nodes: [{ ...node, productType: 1 }] })).hosts[0]!.kind).toBe('hosted');
    const partly = await told({ cluster, nodes: [node, { name: 'HV-2', silent: true }] });
    expect([partly.clusters, partly.silent]).toEqual([[], ['HV-2']]);
  });

  test('nobody answers, half an answer, no PowerShell: each is a failure', async () => {
    expect(await codeOf(told({ cluster: null, nodes: [{ name: 'HV-1', silent: true }] }))).toBe('REFUSED');
    expect(await codeOf(told({ cluster: null, nodes: [{ ...node, guests: null }] }))).toBe('ANSWER_UNREADABLE');
    expect(await codeOf(hyperV({ run: () => Promise.resolve('{"nodes":[') }).read())).toBe('ANSWER_UNREADABLE');
    expect(await codeOf(hyperV().read())).toBe('TOOL_MISSING');
  });
});
