import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { guards, type RequestOf } from '@leasehold/protocol';
import { listLicenses, type Instance, type LicenseFilters, type MspLicense } from '@leasehold/terms';
import { Agent, asPerson, claimsOf, machine, newLicense, startBench, type Bench } from '../support/authority.js';

type NewLicense = RequestOf<'licensesCreate'>['licenses'][number];

describe('licenses by filters (MSP-7)', () => {
  let bench: Bench;
  const view = {
    licenses: [] as MspLicense[],
    instances: [] as Instance[],
    companies: [] as { id: string; name: string }[],
  };
  beforeAll(async () => {
    bench = await startBench();
    for (const [id, name] of [
      ['acme', 'Acme Ltd'],
      ['beta', 'Beta_100%'],
    ] as const) {
      await asPerson(bench, 'companyCreate', { body: { id, name } });
      view.companies.push({ id, name });
    }
    const licenses: (NewLicense & { id: string })[] = Array.from({ length: 60 }, (_, n) => ({
      id: `L${String(n).padStart(2, '0')}`,
      profile: 'msp',
      type: ['server', 'desktop', 'm365'][n % 3]!,
      kind: n % 5 === 0 ? 'trial' : 'commercial',
      term: 'subscription',
      companyId: [null, 'acme', 'beta'][n % 4] ?? null,
      seats: 1,
      // Yesterday, today (inclusive), and far ahead.
      validUntil: ['2026-06-14', '2026-06-15', '2027-01-31'][n % 7 > 2 ? 2 : n % 7]!,
      // Far ahead: the daily run would move what ends now (MSP, rules 1.8), and `view` with it.
      autoRenew: n % 6 === 0 && n % 7 > 2,
    }));
    const made = await asPerson(bench, 'licensesCreate', { body: { licenses } });
    const assigned = new Map<string, string>();
    for (const [n, { id, licenseKey }] of made.body.licenses.entries()) {
      if (n % 4 !== 1 || licenses[n]!.validUntil === '2026-06-14' || licenses[n]!.type === 'm365') continue;
      const agent = await Agent.on(bench, machine(`PC-${n}`, { os: 'windows_server' }));
      const { status, body } = await agent.activate(licenseKey);
      if (status !== 200) continue;
      assigned.set(id, body.instance);
      view.instances.push({ id: body.instance, companyId: licenses[n]!.companyId ?? 'none', os: 'windows_server' });
    }
    expect(assigned.size).toBeGreaterThan(5);
    view.licenses = licenses.map((row, n) => ({
      id: row.id,
      type: row.type,
      kind: row.kind,
      companyId: row.companyId,
      assignedTo: assigned.get(row.id) ?? null,
      computerName: assigned.has(row.id) ? `PC-${n}` : null,
      validUntil: row.validUntil!,
      autoRenew: row.autoRenew,
    }));
  });
  afterAll(() => bench.close());

  const choice = <T>(...values: T[]) => fc.constantFrom(undefined, ...values);
  const filters = fc.record({
    kind: choice('commercial', 'trial'),
    company: choice('all', 'acme', 'beta', 'nobody'),
    validity: choice('all', 'valid', 'expired'),
    usage: choice('all', 'used', 'unused'),
    autoRenewOnly: choice(true, false),
    search: choice('', 'L1', 'pc-', 'SERVER', 'acme', '100%', '_', '%', "o'"),
  });

  function queryOf({ autoRenewOnly, ...rest }: LicenseFilters): string {
    const query = new URLSearchParams({ limit: '500' });
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.set(name, value);
    if (autoRenewOnly !== undefined) query.set('autoRenew', String(autoRenewOnly));
    return `?${query.toString()}`;
  }

  test('SQL and the pure function give the same rows, and every count is what its option gives', async () => {
    await fc.assert(
      fc.asyncProperty(filters, async (asked) => {
        const wanted = listLicenses({ ...view, today: '2026-06-15' }, asked as LicenseFilters);
        const { body } = await asPerson(bench, 'licenses', { query: queryOf(asked as LicenseFilters) });
        expect(guards.isLicensePage(body)).toBe(true);
        expect(body.rows.map(({ id }) => id).sort()).toEqual(wanted.map(({ id }) => id));
        expect(body.total).toBe(wanted.length);
        for (const validity of ['all', 'valid', 'expired'] as const) {
          const option = listLicenses({ ...view, today: '2026-06-15' }, { ...asked, validity } as LicenseFilters);
          expect(body.counts['validity']![validity] ?? 0).toBe(option.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('pages follow each other without a gap or a repeat', async () => {
    const seen: string[] = [];
    let after = '';
    do {
      const { body } = await asPerson(bench, 'licenses', { query: `?limit=7${after}` });
      seen.push(...body.rows.map(({ id }) => id));
      after = body.next === null ? '' : `&after=${encodeURIComponent(body.next)}`;
    } while (after !== '');
    const wanted = listLicenses({ ...view, today: '2026-06-15' }, {}).map(({ id }) => id);
    expect([...seen].sort()).toEqual(wanted);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('a position that is none is a typed problem', async () => {
    const { problem } = await asPerson(bench, 'licenses', { query: '?after=nonsense' });
    expect(problem.code).toBe('INPUT_INVALID');
  });

  test('the first end of a type is one that comes: what has ended already ends no more', async () => {
    const { types } = (await asPerson(bench, 'overview')).body;
    const wanted = ['desktop', 'm365', 'server'].map((type) => {
      const ends = view.licenses.filter((row) => row.type === type).map(({ validUntil }) => validUntil);
      return [type, ends.filter((end) => end >= '2026-06-15').sort()[0]];
    });
    expect(types.map(({ type, firstEnd }) => [type, firstEnd])).toEqual(wanted);
  });

  test('of the seats of a type it is told how many have no end', async () => {
    const perpetual = { type: 'virtual', term: 'perpetual', validUntil: null, seats: 4 } as const;
    await newLicense(bench, perpetual);
    await newLicense(bench, { ...perpetual, term: 'subscription', validUntil: '2027-01-31', seats: 3 });
    const { types } = (await asPerson(bench, 'overview')).body;
    expect(types.map(({ type, owned, perpetual: without }) => [type, owned, without])).toContainEqual([
      'virtual',
      7,
      4,
    ]);
    expect(types.find(({ type }) => type === 'server')?.perpetual).toBe(0);
  });

  test('types ever requested, for the exact empty text (MSP-10)', async () => {
    const { body } = await asPerson(bench, 'licenses', { query: '?search=nothing-at-all' });
    expect(body).toMatchObject({ rows: [], total: 0, groups: [], requested: ['desktop', 'm365', 'server', 'virtual'] });
  });
});

describe('hosts and guests', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.close());

  const report = (hosts: RequestOf<'inventoryReport'>['hosts']) =>
    asPerson(bench, 'inventoryReport', { body: { hosts } });
  const host = (id: string, guests: string[], hciId?: string) =>
    ({ id, kind: 'bare_metal', hypervisor: 'esxi', guests, ...(hciId === undefined ? {} : { hciId }) }) as const;
  const rowOf = async (agent: Agent) =>
    (await asPerson(bench, 'machines', { query: `?search=${encodeURIComponent(agent.instance)}` })).body.rows[0]!;

  test('an inventory confirms where a guest lives; losing the cover by it opens the shortage grace (F-4)', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'virtual' });
    const guest = await Agent.on(bench, machine('vm-a', { kind: 'guest', declaredHostId: 'esx1' }));
    await guest.activate(licenseKey);
    expect(await rowOf(guest)).toMatchObject({ rule: 'F-1', coveredBy: 'host:esx1', status: 'valid' });
    await report([host('esx1', [guest.report.components['hardware_uuid']!])]);
    expect(await rowOf(guest)).toMatchObject({ rule: 'AIP-6.1', hostId: 'esx1', status: 'valid' });
    guest.report = machine('vm-a', { kind: 'guest' });
    await report([host('esx1', []), host('esx2', [guest.instance])]);
    expect(await rowOf(guest)).toMatchObject({ rule: 'F-4', hostId: 'esx2', status: 'grace' });
    const { body } = await asPerson(bench, 'overview');
    expect(guards.isOverviewReply(body)).toBe(true);
    expect(body.todos).toContainEqual(expect.objectContaining({ kind: 'shortage_grace' }));
    bench.clock += 15 * 86_400_000;
    await guest.checkIn();
    expect(await rowOf(guest)).toMatchObject({ status: 'stopped', rule: 'AIP-6.2', coveredBy: null });
    await report([host('esx1', [guest.instance]), host('esx2', [])]);
    expect(await rowOf(guest)).toMatchObject({ status: 'valid', coveredBy: 'host:esx1' });
  });

  test('guests that are short of a license say on which host, and how many they are there', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'virtual' });
    const guests: Agent[] = [];
    for (const name of ['vm-later', 'vm-first', 'vm-last']) {
      const guest = await Agent.on(bench, machine(name, { kind: 'guest', declaredHostId: 'esx8' }));
      await guest.activate(licenseKey);
      guest.report = machine(name, { kind: 'guest' });
      guests.push(guest);
    }
    const [later, first, last] = guests.map(({ instance }) => instance) as [string, string, string];
    await report([host('esx8', [later, last]), host('esx9', [first])]);
    bench.clock += 3_600_000;
    await report([host('esx8', []), host('esx9', [later, first, last])]);
    const there = { id: 'esx9', guests: 3 };
    const names = ['vm-first', ...(later < last ? ['vm-later', 'vm-last'] : ['vm-last', 'vm-later'])];
    const waiting = async () =>
      (await asPerson(bench, 'overview')).body.todos
        .filter((todo) => todo.host?.id === 'esx9')
        .map(({ subject, host: of }) => [subject.name, of]);
    expect(await waiting()).toEqual(names.map((name) => [name, there]));
    // A copy is short too; it waits for a decision of its own, and is not counted with them.
    const original = guests[2]!;
    const copy = original.copyTo('vm-copy');
    copy.report = machine('vm-copy', { kind: 'guest', declaredHostId: 'esx9' });
    for (const half of [copy, original, copy]) await half.checkIn();
    const { todos } = (await asPerson(bench, 'overview')).body;
    expect(todos).toContainEqual(
      expect.objectContaining({ kind: 'fork', subject: expect.objectContaining({ id: copy.instance }) }),
    );
    expect(await waiting()).toEqual(names.map((name) => [name, there]));
  });

  test('a guest on one host of an HCI needs all of them licensed (AIP-5.3)', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'virtual' });
    const guest = await Agent.on(bench, machine('vm-hci', { kind: 'guest', declaredHostId: 'n1' }));
    await guest.activate(licenseKey);
    await report([host('n1', [guest.instance], 'hci1'), host('n2', [], 'hci1')]);
    expect(await rowOf(guest)).toMatchObject({ status: 'grace', rule: 'F-4' });
    await newLicense(bench, { type: 'virtual', boundTo: { type: 'host', id: 'n2' } });
    await guest.checkIn();
    expect(await rowOf(guest)).toMatchObject({ status: 'valid', coveredBy: 'host:n1' });
    const { body } = await asPerson(bench, 'machines');
    expect(guards.isMachinePage(body)).toBe(true);
    expect(body.hosts.find(({ id }) => id === 'n2')?.coveredBy).toMatch(/^lic_/);
  });

  test('machines by any column, both ways, page by page; media alike', async () => {
    const pages = async (sort: string): Promise<string[]> => {
      const ids: string[] = [];
      for (let after = ''; ;) {
        const { body } = await asPerson(bench, 'machines', { query: `?limit=2&sort=${sort}${after}` });
        ids.push(...body.rows.map(({ id }) => id));
        if (body.next === null) return ids;
        after = `&after=${encodeURIComponent(body.next)}`;
      }
    };
    const all = (await asPerson(bench, 'machines')).body.rows.map(({ id }) => id);
    for (const column of ['id', 'name', 'os', 'version', 'lastSeenAt', 'leaseUntil']) {
      const up = await pages(column);
      expect([...up].sort()).toEqual([...all].sort());
      expect(await pages(`-${column}`)).toEqual(up.toReversed());
    }
    expect(await pages('id&search=inst')).toEqual(await pages('id'));
    expect(await pages('-id&status=valid')).toEqual((await pages('id&status=valid')).toReversed());
    const media = (sort: string) => asPerson(bench, 'media', { query: `?sort=${sort}` });
    expect((await media('-stampedAt')).status).toBe(200);
    expect((await media('color')).problem).toMatchObject({ code: 'INPUT_INVALID', path: 'query.sort' });
  });

  test('machines of one company', async () => {
    const company = (await asPerson(bench, 'companyCreate', { body: { name: 'Alder Dental' } })).body.id!;
    const { licenseKey } = await newLicense(bench, { companyId: company });
    const own = await Agent.on(bench, 'alder-dc');
    await own.activate(licenseKey);
    const { body } = await asPerson(bench, 'machines', { query: `?company=${company}&counts=yes` });
    expect(body.rows.map(({ id }) => id)).toEqual([own.instance]);
    expect(body).toMatchObject({ total: 1, counts: { status: { all: 1 }, mark: { all: 1 } } });
  });

  test('machines by status, and how many of each', async () => {
    const { body: all } = await asPerson(bench, 'machines');
    const { body: health } = await asPerson(bench, 'overview');
    expect(health.machines.total).toBe(all.total);
    for (const status of ['valid', 'grace', 'stopped', 'offline', 'released'] as const) {
      const { body } = await asPerson(bench, 'machines', { query: `?status=${status}` });
      expect(body.rows.map(({ id }) => id)).toEqual(
        all.rows.filter((row) => row.status === status).map(({ id }) => id),
      );
    }
  });
});

test('of more to-dos than the overview shows, the most urgent ones, and how many more there are', async () => {
  const bench = await startBench();
  const { licenseKey } = await newLicense(bench, { seats: 52 });
  const names = Array.from({ length: 52 }, (_, n) => `silent-${n}`);
  let ends = 0;
  for (const name of names) {
    const { body } = await (await Agent.on(bench, name)).activate(licenseKey);
    ends = claimsOf(body.lease).exp;
    bench.clock += 60_000;
  }
  bench.clock = ends * 1000 - 86_400_000;
  const { todos, todosMore } = (await asPerson(bench, 'overview')).body;
  expect(todos.map(({ kind, subject }) => [kind, subject.name])).toEqual(
    names.slice(0, 50).map((name) => ['lease_ends', name]),
  );
  expect(todosMore).toBe(2);
  // A page of machines has those of all its own.
  const last = (await asPerson(bench, 'machines', { query: '?sort=-name&limit=10' })).body;
  expect(last.rows.map(({ name }) => name)).toContain('silent-51');
  expect(last.todos?.map(({ kind, subject }) => `${kind} ${subject.name}`).toSorted()).toEqual(
    last.rows.map(({ name }) => `lease_ends ${name}`).toSorted(),
  );
  expect(last.todos?.at(-1)?.until).toBe(new Date(ends * 1000).toISOString());
  await bench.close();
});
