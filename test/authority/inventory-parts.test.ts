import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import { Agent, asDevice, asPerson, newLicense, nonce, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { Floor } from '../support/machine.js';
import { engines } from '../support/store-engines.js';

/** More than one request carries; LONG: what the largest sites have, by names as agents make them. */
const [GUESTS, NAME] = process.env['LONG'] === '1' ? [60_000, 43] : [9_000, 120];
const ON_ONE = 500;

describe.each(engines)('a report in parts, on $name', (engine) => {
  let bench: Bench;
  let agent: Agent;
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    agent = await Agent.on(bench, 'backup-server');
    expect((await agent.activate((await newLicense(bench, { seats: 2 })).licenseKey)).status).toBe(200);
  });
  afterAll(() => bench?.close());

  type Part = RequestOf<'inventory'>['part'];
  const host = (id: string, guests: readonly string[]) => {
    const digest = createHash('sha256')
      .update(`${id} ${guests.join(' ')}`)
      .digest('base64url');
    return { id, kind: 'bare_metal' as const, hypervisor: 'kvm', guests: [...guests], digest };
  };
  const tell = (part: Part | undefined, ...hosts: ReturnType<typeof host>[]) => {
    const takenAt = new Date(bench.clock).toISOString();
    const body = { instance: agent.instance, product: PRODUCT, takenAt, hosts, unchanged: [], agentlessInUse: true };
    return asDevice(bench, agent.signer, 'inventory', part === undefined ? body : { ...body, part });
  };
  const guests = async () => {
    const { hosts } = (await asPerson(bench, 'machines')).body;
    return Object.fromEntries(hosts.map(({ id, guests: count }) => [id, count]));
  };

  test('nothing counts before the last part; one that is cut off loses nothing, one with a gap is refused', async () => {
    expect((await tell(undefined, host('a', ['1', '2']), host('b', ['3']))).status).toBe(200);
    const before = { a: 2, b: 1 };
    const report = nonce();
    expect((await tell({ report, n: 0, of: 3 }, host('a', []))).status).toBe(200);
    expect(await guests()).toEqual(before);
    expect((await tell({ report, n: 2, of: 3 }, host('c', ['2']))).problem).toMatchObject({
      code: 'CONFLICT',
      path: 'part',
    });
    expect(await guests()).toEqual(before);

    // Cut off, and begun anew: what came of the first is forgotten. A part that comes twice counts once.
    const again = nonce();
    for (const n of [0, 0]) await tell({ report: again, n, of: 3 }, host('a', ['1']));
    await tell({ report: again, n: 1, of: 3 }, host('b', ['3', '4']));
    expect(await guests()).toEqual(before);
    expect((await tell({ report, n: 2, of: 3 }, host('c', []))).problem.code).toBe('CONFLICT');
    expect((await tell({ report: again, n: 2, of: 3 }, host('c', ['2']))).status).toBe(200);
    expect(await guests()).toEqual({ a: 1, b: 2, c: 1 });
    expect((await tell({ report: again, n: 2, of: 3 }, host('c', ['2']))).problem.code).toBe('CONFLICT');
  });
});

test(`an agent tells of ${GUESTS} guests at once, and of what changed afterwards`, async () => {
  const bench = await startBench();
  const floor = new Floor(bench);
  try {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const machine = await floor.start('backup-server', { key: licenseKey });
    const name = (n: number): string => createHash('sha256').update(`guest ${n}`).digest('base64url').padEnd(NAME, 'x');
    const hosts = Array.from({ length: GUESTS / ON_ONE }, (_, at) => ({
      id: `host-${at}`,
      kind: 'bare_metal',
      hypervisor: 'kvm',
      guests: Array.from({ length: ON_ONE }, (_guest, n) => name(at * ON_ONE + n)),
    }));
    const tell = () => machine.call('inventory', [{ hosts }, { agentlessInUse: true }]);
    expect(await tell()).toMatchObject({ ok: true, sent: hosts.length });
    const known = async () =>
      (await asPerson(bench, 'machines')).body.hosts.reduce((sum, row) => sum + (row.guests ?? 0), 0);
    expect(await known()).toBe(GUESTS);
    hosts[1]!.guests.push(...hosts[0]!.guests.splice(0, 7));
    expect(await tell()).toMatchObject({ ok: true, sent: 2 });
    expect(await known()).toBe(GUESTS);
  } finally {
    floor.close();
    await bench.close();
  }
}, 600_000);
