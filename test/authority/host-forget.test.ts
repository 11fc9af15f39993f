import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestOf } from '@leasehold/protocol';
import {
  Agent,
  asDevice,
  asPerson,
  machine,
  newLicense,
  PRODUCT,
  startBench,
  type Bench,
} from '../support/authority.js';
import { engines } from '../support/store-engines.js';

type Told = RequestOf<'inventory'>['hosts'][number];
const DAY = 86_400_000;

describe.each(engines)('a host that is gone for good, on $name', (engine) => {
  let bench: Bench;
  /** A backup server that reports. */
  let server: Agent;
  /** A guest with an agent, covered by the host it runs on. */
  let guest: Agent;
  let uuid = '';
  let license = '';
  beforeAll(async () => {
    bench = await startBench(undefined, {}, await engine.url());
    server = await Agent.on(bench, 'backup-server');
    expect((await server.activate((await newLicense(bench)).licenseKey)).status).toBe(200);
    const virtual = await newLicense(bench, { type: 'virtual' });
    license = virtual.id;
    await tell([told('old', []), told('bare', [])]);
    const bound = { params: { license }, body: { to: { type: 'host', id: 'old' } } } as const;
    expect((await asPerson(bench, 'licenseBind', bound)).status).toBe(200);
    guest = await Agent.on(bench, machine('guest', { kind: 'guest' }));
    uuid = guest.report.components['hardware_uuid']!;
    await tell([told('old', [uuid, 'g-1', 'g-2'])]);
    expect((await guest.activate(virtual.licenseKey)).status).toBe(200);
  });
  afterAll(() => bench?.close());

  const told = (id: string, guests: readonly string[], more: Partial<Told> = {}): Told => ({
    id,
    kind: 'bare_metal',
    hypervisor: 'kvm',
    guests: [...guests],
    digest: `digest-${id}-${guests.length}`.padEnd(43, 'x'),
    ...more,
  });
  const tell = async (hosts: Told[], unchanged: RequestOf<'inventory'>['unchanged'] = []) => {
    const takenAt = new Date(bench.clock).toISOString();
    const body = { instance: server.instance, product: PRODUCT, takenAt, hosts, unchanged, agentlessInUse: true };
    const { status, body: reply } = await asDevice(bench, server.signer, 'inventory', body);
    expect(status).toBe(200);
    return reply;
  };
  const hosts = async () => new Map((await asPerson(bench, 'machines')).body.hosts.map((host) => [host.id, host]));
  const row = async () => {
    return (await asPerson(bench, 'machine', { params: { machine: guest.instance } })).body.machine;
  };
  const forget = (host: string, request: { query?: string; headers?: Record<string, string> } = {}) => {
    return asPerson(bench, 'hostForget', { params: { host }, ...request });
  };

  test('one that carries a license is not forgotten, nor one that nobody named', async () => {
    expect((await forget('old')).problem).toMatchObject({
      code: 'CONFLICT',
      path: 'host',
      detail: expect.stringContaining(license),
    });
    expect((await forget('nowhere')).problem).toMatchObject({ status: 404, path: 'host' });
    expect((await hosts()).get('old')).toMatchObject({ guests: 3, coveredBy: license });
  });

  test('a dry run names its guests, where they are from then on and until when a grace runs; and changes nothing', async () => {
    // At night the guest goes to a host without license: it gets the shortage grace.
    await tell([told('old', ['g-1', 'g-2']), told('bare', [uuid, 'g-3'])]);
    expect(await row()).toMatchObject({ hostId: 'bare', status: 'grace' });
    const { seq } = (await asPerson(bench, 'me')).body;
    const dry = await forget('bare', { query: '?dryRun=true' });
    const until = new Date(bench.clock + 14 * DAY).toISOString();
    expect(dry.body).toMatchObject({ dryRun: true, seq });
    expect(dry.body.decision.value).toEqual({
      guests: 2,
      withoutPlace: 2,
      from: new Date(bench.clock).toISOString(),
      changes: [
        { guest: uuid, machine: guest.instance, to: null, before: 'warn', after: 'warn SHORTAGE_GRACE', until },
        { guest: 'g-3', machine: null, to: null },
      ],
    });
    expect((await asPerson(bench, 'me')).body.seq).toBe(seq);
    expect((await hosts()).get('bare')).toMatchObject({ guests: 2 });
  });

  test('it is gone with its claims, once; the grace of its guest runs on and begins no second time', async () => {
    bench.clock += DAY;
    const headers = { 'Idempotency-Key': 'forget-bare' };
    const done = await forget('bare', { headers });
    expect(done.body).toMatchObject({ dryRun: false, id: 'bare' });
    expect((await forget('bare', { headers })).body).toEqual(done.body);
    expect((await hosts()).has('bare')).toBe(false);
    expect(await row()).toMatchObject({ hostId: null, status: 'grace' });
    const { body } = await asPerson(bench, 'journal', { query: `?after=1:${done.body.seq - 1}` });
    expect(body.rows[0]!.type).toBe('host.forgotten');
    expect(JSON.parse(body.rows[0]!.payload!)).toMatchObject({
      subject: { type: 'host', id: 'bare' },
      details: { name: null, guests: 2 },
    });
    bench.clock += 13 * DAY;
    await guest.checkIn();
    expect(await row()).toMatchObject({ status: 'stopped' });
  });

  test('whoever tells of it again brings it back, and its guests', async () => {
    const bare = told('bare', [uuid, 'g-3']);
    const known = told('old', ['g-1', 'g-2']);
    // The agent takes it as unchanged, and is asked for all of it.
    const unchanged = [bare, known].map(({ id, digest }) => ({ id, digest }));
    expect((await tell([], unchanged)).wanted).toEqual(['bare']);
    await tell([bare], [{ id: 'old', digest: known.digest }]);
    expect((await hosts()).get('bare')).toMatchObject({ guests: 2 });
    expect(await row()).toMatchObject({ hostId: 'bare' });
  });

  test('a guest that another host claims as well is there at once', async () => {
    const body = { hosts: [{ id: 'new', kind: 'bare_metal' as const, hypervisor: 'kvm', guests: [uuid] }] };
    expect((await asPerson(bench, 'inventoryReport', { body })).status).toBe(200);
    const dry = await forget('bare', { query: '?dryRun=true' });
    expect(dry.body.decision.value).toMatchObject({
      withoutPlace: 1,
      changes: [{ to: 'new' }, { guest: 'g-3', to: null }],
    });
    await forget('bare');
    expect(await row()).toMatchObject({ hostId: 'new' });
  });

  test('a node without license leaves a hyper-converged system: its guests are covered again (AIP-5.3)', async () => {
    await tell([told('old', [uuid, 'g-1'], { hciId: 'hci' })]);
    await asPerson(bench, 'inventoryReport', {
      body: { hosts: [{ id: 'new', kind: 'bare_metal', hypervisor: 'kvm', hciId: 'hci', guests: [] }] },
    });
    await guest.checkIn();
    expect((await row()).status).not.toBe('valid');
    await forget('new');
    expect(await row()).toMatchObject({ hostId: 'old', status: 'valid' });
  });
});
