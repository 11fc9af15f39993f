import { LeaseholdError, openLicense, type License } from '@leasehold/sdk';
import { testLicense } from '@leasehold/sdk/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PRODUCT, newLicense, startBench, type Bench } from '../support/authority.js';
import { LICENSE_KEY } from '../support/loopback-authority.js';
import { BACKUP, HandClock, RESTORE, Site, cleanUp, machineNamed, temporaryFolder } from '../support/sdk-fixture.js';

const activation = { key: LICENSE_KEY };

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

/** An installation that the real authority has licensed. */
async function licensed(name: string): Promise<License> {
  const { licenseKey } = await newLicense(bench, { type: 'linux' });
  const license = await openLicense({
    product: PRODUCT,
    version: '12.1',
    roots: [bench.rootJwk],
    authority: bench.authority.url,
    stateDir: temporaryFolder(),
    activation: { key: licenseKey },
    testing: { clock: new HandClock(bench.clock), socket: { runFolder: temporaryFolder() }, ...machineNamed(name) },
  });
  cleanUp(() => license.close());
  return license;
}

describe('a program that calls it wrongly', () => {
  test.each([
    ['nothing', undefined],
    ['no action', {}],
    ['a number', { action: 3 }],
    ['an endless action', { action: 'x'.repeat(500) }],
    ['an action that is no text', { action: 'back\0up' }],
    ['an id that is no text', { action: 'backup', machine: '\ud800' }],
    ['a symbol', { action: Symbol('backup') }],
    ['a thing without a name', { action: Object.create(null) as unknown }],
    [
      'a getter that throws',
      {
        get action(): string {
          throw new Error('not today');
        },
      },
    ],
  ])('asking for %s is refused, and the lease is renewed all the same', async (what, nonsense) => {
    const license = await licensed(`asks for ${what}`);
    const answer = license.authorize(nonsense as never);
    expect(answer.allowed).toBe(false);
    expect(answer.explain().sentence).toContain('not one that can be judged');
    expect(await license.check()).toMatchObject({ ok: true });
  });

  test.each([
    ['a source of its own', { kind: 'backup', source: '/home' }],
    ['a source of nothing', { kind: 'backup', source: null }],
    ['a source without a number', { kind: 'backup', source: { id: 'a', epoch: 'b1' } }],
    ['a kind that is no text', { kind: 'back\0up' }],
    ['a machine of nothing', { kind: 'backup', machine: null }],
    ['a machine that is no text', { kind: 'backup', machine: 'a\udc00' }],
  ])('reporting %s is no report, and the lease is renewed all the same', async (what, wrong) => {
    const license = await licensed(`reports ${what}`);
    license.usage.record(wrong as never);
    license.usage.record({ kind: 'backup', bytes: 5 });
    expect(license.usage.health()).toMatchObject({ rejected: 1, waiting: 1 });
    await expect.poll(async () => [(await license.check()).ok, license.usage.health().waiting]).toEqual([true, 0]);
  });

  test('one object for all reports makes a report of each, also before the folder is taken', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    const license = await site.open({ activation });
    expect(license.status().role).toBe('pending');
    const report = { kind: 'backup', bytes: 0 };
    for (report.bytes = 1; report.bytes < 4; report.bytes += 1) license.usage.record(report);
    await license.check();
    const told = site.authority.asked.at(-1)?.body['usage'] as { records: { bytes: number }[] };
    expect(told.records.map(({ bytes }) => bytes)).toEqual([1, 2, 3]);
  });

  test.each([
    ['nothing', undefined],
    ['no hosts', {}],
    ['hosts that are none', { hosts: [null] }],
    ['a host without guests', { hosts: [{ id: 'h', kind: 'bare_metal', hypervisor: 'kvm' }] }],
    ['a guest without an id', { hosts: [{ id: 'h', kind: 'bare_metal', hypervisor: 'kvm', guests: [null] }] }],
  ])('telling of an inventory of %s is told, and changes no answer', async (_what, told) => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const before = license.authorize(BACKUP);
    expect(await license.inventory.report(told as never, { agentlessInUse: true })).toMatchObject({
      ok: false,
      problem: { code: 'INPUT_INVALID' },
    });
    expect(license.authorize(BACKUP)).toMatchObject({ decision: before.decision, reason_rule: before.reason_rule });
    expect(license.authorize(RESTORE).allowed).toBe(true);
    expect(license.status().state).toBe('licensed');
  });

  test('a purpose that no file has makes no file, least of all one that gives the seat back', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    for (const purpose of [undefined, 'renewal'])
      expect(await license.requestFile(purpose as never)).toMatchObject({
        ok: false,
        problem: { code: 'INPUT_INVALID', message: expect.stringContaining('activate, renew and deactivate') },
      });
  });

  test.each([{}, { source: 'a', recoveryPoint: 'b', target: 'c', as: 'copy' }])(
    'a lineage note that no authority would read is not made: %j',
    async (request) => {
      const site = await Site.start();
      const license = await site.open({ activation });
      expect(await license.lineageNote(request as never)).toMatchObject({
        ok: false,
        problem: { code: 'INPUT_INVALID' },
      });
    },
  );

  test.each([{}, { purpose: 'backup' }, { purpose: 'system_recovery', os: 'win11' }])(
    'a use of boot media that no rule knows is refused and names the field: %j',
    async (use) => {
      const site = await Site.start();
      const license = await site.open({ activation });
      const answer = await license.media.use(use as never);
      expect(answer).toMatchObject({ allowed: false, reason_rule: 'D-11', medium: { stamp: 'missing' } });
      expect(answer.explain().sentence).toMatch(/not one that can be judged: (purpose|.*os)/);
    },
  );

  /** What each call says of its problem; a rejection is none of it. */
  const told = async (outcome: unknown): Promise<string> => {
    const problem = (outcome as { problem?: { code: string; message: string } }).problem ?? (outcome as LeaseholdError);
    return `${problem.code}: ${problem.message}`;
  };
  const signal = 5 as never;
  test.each<[string, string, (license: License) => Promise<unknown>]>([
    ['technician.start()', 'licenseKey', ({ technician }) => technician.start(undefined as never)],
    ['technician.start({})', 'licenseKey', ({ technician }) => technician.start({} as never)],
    ['technician.start of a number', 'licenseKey', ({ technician }) => technician.start({ licenseKey: 5 } as never)],
    [
      'technician.start without a technician',
      'technician',
      ({ technician }) => technician.start({ licenseKey: LICENSE_KEY } as never),
    ],
    ['technician.fetchVoucher()', 'code', ({ technician }) => technician.fetchVoucher(undefined as never)],
    ['technician.fetchVoucher(5)', 'code', ({ technician }) => technician.fetchVoucher(5 as never)],
    ['technician.startByVoucher()', 'voucher', ({ technician }) => technician.startByVoucher(undefined as never)],
    ['technician.startByVoucher({})', 'voucher', ({ technician }) => technician.startByVoucher({} as never)],
    ['technician.end()', 'session', ({ technician }) => technician.end(undefined as never)],
    ['technician.end({})', 'session', ({ technician }) => technician.end({} as never)],
    ['responseFile()', 'file', (license) => license.responseFile(undefined as never)],
    ['responseFile of bytes', 'file', (license) => license.responseFile(Buffer.from('x') as never)],
    ['install()', 'file', (license) => license.install(undefined as never)],
    ['lineageNote()', 'source', (license) => license.lineageNote(undefined as never)],
    ['media.stamp()', 'media', ({ media }) => media.stamp(undefined as never)],
    ['generalize with a word', 'keepSeat', (license) => license.generalize({ keepSeat: 'no' as never })],
    ['generalize with a number', 'discardUsage', (license) => license.generalize({ discardUsage: 1 as never })],
    [
      'inventory.report taken at no instant',
      'takenAt',
      ({ inventory }) => inventory.report({ hosts: [] }, { agentlessInUse: true, takenAt: 'today' as never }),
    ],
    [
      'inventory.report of clusters that are no list',
      'clusters',
      ({ inventory }) => inventory.report({ hosts: [], clusters: {} as never }, { agentlessInUse: true }),
    ],
    ['check with no signal', 'signal', (license) => license.check({ signal })],
    ['deactivate with no signal', 'signal', (license) => license.deactivate({ signal })],
    ['fetchVoucher with no signal', 'signal', ({ technician }) => technician.fetchVoucher('ABCDE-FGHJK', { signal })],
  ])('%s is a mistake of the call and names %s', async (_call, path, call) => {
    const site = await Site.start();
    const license = await site.open({ activation });
    const text = await told(await call(license));
    expect(text).toMatch(/^INPUT_INVALID: /);
    expect(text).toContain(path);
    expect(license.status().state).toBe('licensed');
  });

  test('null for what a wait takes is nothing at all', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    expect(await license.check(null as never)).toMatchObject({ ok: true });
    expect(await license.technician.fetchVoucher('ABCDE-FGHJK', null as never)).toMatchObject({ ok: false });
    expect(await license.media.stamp(null as never, null as never)).toMatchObject({ ok: false });
    expect(await license.generalize(null as never)).toMatchObject({ ok: true });
  });

  test('twenty waits by one signal are no leak to be warned of', async () => {
    const warnings: string[] = [];
    const hear = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', hear);
    cleanUp(() => process.off('warning', hear));
    const site = await Site.start();
    const license = await site.open({ activation });
    const end = new AbortController();
    const waits = Array.from({ length: 20 }, () => license.check({ signal: end.signal }));
    const stamps = Array.from({ length: 20 }, () =>
      license.media.stamp({ media: 'm', base: 'linux', licensee: 'l', validDays: 1 }, { signal: end.signal }),
    );
    end.abort();
    for (const { ok } of await Promise.all([...waits, ...stamps])) expect(ok).toBe(false);
    // Node warns in the turn after.
    await new Promise((resolve) => void setImmediate(resolve));
    expect(warnings).toEqual([]);
    expect(await license.check({ signal: new AbortController().signal })).toMatchObject({ ok: true });
  });

  test('after its end it takes nothing again: the folder is free for the next one', async () => {
    const site = await Site.start();
    const license = await site.open({ activation });
    await license.close();
    expect(await license.check()).toMatchObject({ ok: false, status: { role: 'none' } });
    const next = await site.open({ activation });
    await expect.poll(() => next.status().role).toBe('owner');
  });

  test('options may be inherited or computed; a store of secrets that is null is a mistake of the options', async () => {
    const site = await Site.start();
    const inherited = await openLicense(Object.create(site.options({ activation })) as never);
    cleanUp(() => inherited.close());
    expect(inherited.status()).toMatchObject({ state: 'licensed', problems: [] });
    for (const more of [{ secrets: null }, { firstRunDays: null }]) {
      const error: unknown = await openLicense(site.options(more as never)).catch((caught: unknown) => caught);
      expect(LeaseholdError.is(error) && error.code).toBe('OPTIONS_INVALID');
    }
  });

  test.each([
    ['facts.profile', { profile: 'nope' }],
    ['facts.profile', {}],
    ['facts.machines', { profile: 'aip', machines: 5 }],
    ['facts.servers[0].version', { profile: 'lmp', servers: [{ id: 'self' }] }],
  ])(
    'a test license of facts that no rule reads is none, and names %s: it would refuse whatever is asked',
    async (path, facts) => {
      const error: unknown = await testLicense({ state: 'licensed', facts: facts as never }).catch(
        (caught: unknown) => caught,
      );
      expect(LeaseholdError.is(error) && [error.code, error.details.path]).toEqual(['OPTIONS_INVALID', path]);
    },
  );

  test.each([undefined, { state: 'expired' }, { state: 'lapsed', produkt: 'x' }])(
    'a test license of no state is none: it would be licensed (%j)',
    async (options) => {
      const error: unknown = await testLicense(options as never).catch((caught: unknown) => caught);
      expect(LeaseholdError.is(error) && error.code).toBe('OPTIONS_INVALID');
    },
  );
});
