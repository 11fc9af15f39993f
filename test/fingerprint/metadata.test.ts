import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fingerprint, type Fingerprint } from '@leasehold/fingerprint';
import { keyedHash } from '../../packages/fingerprint/src/identity.js';
import { readInstanceId } from '../../packages/fingerprint/src/probes/metadata.js';
import { machines, makeMachine, poolRecord, type Tree } from './machine-tree.js';

const salt = 'account-1/acme-backup';
const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

type Answer = readonly [status: number, text: string] | 'nothing';

/** A metadata service on loopback that gives recorded answers, and writes down what it was asked. */
async function service(answer: (request: IncomingMessage) => Answer): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const found = answer(request);
    if (found !== 'nothing') response.writeHead(found[0]).end(found[1]);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => (server.closeAllConnections(), server.close()));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A busy test machine may need longer than an agent is willing to wait. */
const PATIENT = 10_000;

async function take(tree: Tree, origin: string, timeoutMs: number = PATIENT): Promise<Fingerprint> {
  const root = makeMachine(tree);
  try {
    return await fingerprint({ salt, root, platform: 'linux', metadata: { origin, timeoutMs } });
  } finally {
    rmSync(root, { recursive: true });
  }
}

const hash = (raw: string) => ({ state: 'value', hash: keyedHash(salt, 'guest_id', raw), of: 'machine' });
const amazon = machines.guest({ sys_vendor: 'Amazon EC2', product_name: 'm5.large' });

describe('a cloud’s metadata service (recorded answers, on loopback)', () => {
  it('gives the instance id at AWS to who fetched a token first', async () => {
    const { origin, asked } = await service(({ method, headers }) => {
      if (method === 'PUT')
        return headers['x-aws-ec2-metadata-token-ttl-seconds'] === '60' ? [200, 'TOKEN=='] : [400, ''];
      return headers['x-aws-ec2-metadata-token'] === 'TOKEN==' ? [200, 'i-0abc123def4567890'] : [401, ''];
    });
    const taken = await take(amazon, origin);
    expect(taken.cloneHints.guestId).toEqual(hash('i-0abc123def4567890'));
    expect(asked).toEqual(['PUT /latest/api/token', 'GET /latest/meta-data/instance-id']);
    expect(JSON.stringify(taken)).not.toContain('i-0abc');
  });

  it.each([
    ['azure', 'metadata', 'true', '02aab8a4-74ef-476e-8182-f6d2ba4166a6'],
    ['gcp', 'metadata-flavor', 'Google', '8087716956832600000'],
    [
      'oci',
      'authorization',
      'Bearer Oracle',
      'ocid1.instance.oc1.phx.abuw4ljrlsfiqw6vzzxb43vyypt4pkodawglp3wqxjqofakrwvou52gb6s5a',
    ],
    ['digitalocean', 'host', undefined, '2756294'],
    ['hetzner', 'host', undefined, '42123456'],
  ])('gives the instance id at %s', async (provider, header, value, id) => {
    const { origin, asked } = await service(({ headers }) =>
      value === undefined || headers[header] === value ? [200, `${id}\n`] : [403, ''],
    );
    expect(await readInstanceId(provider, { origin, timeoutMs: PATIENT })).toEqual({ state: 'value', raw: id });
    expect(asked).toHaveLength(1);
  });

  it('is not asked on a machine whose firmware names no cloud, nor in one that has none', async () => {
    const { origin, asked } = await service(() => [200, 'i-0abc123def4567890']);
    for (const tree of [machines.physical(), machines.guest({ sys_vendor: 'QEMU' })]) {
      expect((await take(tree, origin)).cloneHints.guestId).toEqual({ state: 'absent' });
    }
    expect(await readInstanceId('vultr', { origin })).toEqual({ state: 'absent' });
    expect(asked).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['says nothing', 'nothing'],
    ['refuses', [403, 'i-0abc123def4567890']],
    ['answers with a sign-in page', [200, '<html>Sign in</html>']],
    ['answers with nothing', [200, '']],
    ['answers without end', [200, 'i'.repeat(5000)]],
  ])('one that %s is absent, and the machine is known by its other parts', async (_name, answer) => {
    const { origin } = await service(() => answer);
    expect(await readInstanceId('gcp', { origin, timeoutMs: 50 })).toEqual({ state: 'absent' });
    const taken = await take(
      { ...machines.physical(), ...amazon, ...machines.dmi({ sys_vendor: 'Amazon EC2' }) },
      origin,
      50,
    );
    expect(taken).toMatchObject({ identity: { state: 'known' }, cloneHints: { guestId: { state: 'absent' } } });
  });

  it('is given 300 ms, for all of its questions together', async () => {
    const { origin, asked } = await service(({ method }) => (method === 'PUT' ? [200, 'TOKEN'] : 'nothing'));
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    expect(await readInstanceId('aws', { origin })).toEqual({ state: 'absent' });
    expect(timeout.mock.calls).toEqual([[300]]);
    timeout.mockRestore();
    expect(asked).toHaveLength(2);
  });

  it('comes after what the hypervisor itself tells', async () => {
    const { origin } = await service(() => [200, '02aab8a4-74ef-476e-8182-f6d2ba4166a6']);
    const azure = machines.guest({
      product_name: 'Virtual Machine',
      chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77',
    });
    const pool = {
      'var/lib/hyperv/.kvp_pool_3': poolRecord('VirtualMachineId', '6F9619FF-8B86-D011-B42D-00C04FC964FF'),
    };
    expect((await take({ ...azure, ...pool }, origin)).cloneHints.guestId).toEqual(
      hash('6F9619FF-8B86-D011-B42D-00C04FC964FF'),
    );
    expect((await take(azure, origin)).cloneHints.guestId).toEqual(hash('02aab8a4-74ef-476e-8182-f6d2ba4166a6'));
  });
});
