import { cpSync, rmSync } from 'node:fs';
import { openLicense, type License } from '@leasehold/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edited } from '../support/signing.js';
import { PRODUCT, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { BACKUP, DAY, HandClock, RESTORE, cleanUp, machineNamed, temporaryFolder } from '../support/sdk-fixture.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

/** A machine with an agent: its own hardware, state folder and clock, which starts with the authority's. */
class Machine {
  readonly name: string;
  readonly clock = new HandClock(bench.clock);
  stateDir = temporaryFolder();
  /** Parts of its hardware that are other ones now. */
  parts: Readonly<Record<string, string>> = {};
  constructor(name: string) {
    this.name = name;
  }
  async open(key?: string): Promise<License> {
    const license = await openLicense({
      product: PRODUCT,
      version: '12.1',
      roots: [bench.rootJwk],
      authority: bench.authority.url,
      stateDir: this.stateDir,
      label: this.name,
      ...(key === undefined ? {} : { activation: { key } }),
      testing: { clock: this.clock, socket: { runFolder: temporaryFolder() }, ...machineNamed(this.name, this.parts) },
    });
    cleanUp(() => license.close());
    return license;
  }
}

describe('an installation and its authority', () => {
  test('activate, back up, report, renew, give back', async () => {
    const { licenseKey, id } = await newLicense(bench, { type: 'linux' });
    const license = await new Machine('srv1').open(licenseKey);
    expect(license.status()).toMatchObject({ state: 'licensed', license: id, problems: [] });
    const answer = license.authorize(BACKUP);
    expect(answer).toMatchObject({ allowed: true, reason_rule: 'AIP-0.1' });
    license.usage.record({ kind: 'backup', bytes: 5_000 });
    await expect.poll(() => license.check().then(() => license.usage.health().waiting)).toBe(0);
    const usage = await asPerson(bench, 'usage');
    expect(usage.body.rows).toMatchObject([{ kind: 'backup', jobs: 1, bytes: 5000 }]);
    expect(await license.deactivate()).toEqual({ ok: true, reusableFrom: null });
    const other = await new Machine('srv2').open(licenseKey);
    expect(other.authorize(BACKUP).allowed).toBe(true);
  });

  test('a second machine on one seat is refused with what to do, and says so to the console', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    await new Machine('srv3').open(licenseKey);
    const license = await new Machine('srv4').open(licenseKey);
    expect(license.status()).toMatchObject({ state: 'not_activated', problems: [{ code: 'SEATS_EXHAUSTED' }] });
    const answer = license.authorize(BACKUP);
    expect(answer).toMatchObject({ allowed: false, code: 'SEATS_EXHAUSTED' });
    expect(answer.explain().cure).toContain('release');
    expect(license.authorize(RESTORE).allowed).toBe(true);
  });

  test('the same machine with its state folder lost gets the same seat', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const machine = new Machine('srv5');
    const first = await machine.open(licenseKey);
    const { instance } = first.status();
    await first.close();
    machine.stateDir = temporaryFolder();
    const second = await machine.open(licenseKey);
    expect(second.status()).toMatchObject({ state: 'licensed', instance });
    expect(second.authorize(BACKUP).allowed).toBe(true);
  });

  test('the same hardware with its system installed anew gets the same seat', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const machine = new Machine('srv8');
    const first = await machine.open(licenseKey);
    const { instance } = first.status();
    await first.close();
    machine.stateDir = temporaryFolder();
    machine.parts = { machine_id: 'installed anew' };
    const second = await machine.open(licenseKey);
    expect(second.status()).toMatchObject({ state: 'licensed', instance, machine: 'same' });
    await second.close();
    machine.parts = { machine_id: 'installed anew', mac: 'a new card' };
    const third = await machine.open();
    expect(third.status()).toMatchObject({ state: 'licensed', machine: 'same', problems: [] });
    expect((await third.check()).ok).toBe(true);
  });

  test('an older state that is put back goes on with the same seat, and sells no second one', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const machine = new Machine('srv9');
    const first = await machine.open(licenseKey);
    const { instance } = first.status();
    await first.close();
    const snapshot = temporaryFolder();
    cpSync(machine.stateDir, snapshot, { recursive: true });
    for (let day = 0; day < 3; day += 1) {
      machine.clock.pass(DAY);
      bench.clock += DAY;
      const later = await machine.open();
      expect((await later.check()).ok).toBe(true);
      await later.close();
    }
    rmSync(machine.stateDir, { recursive: true });
    cpSync(snapshot, machine.stateDir, { recursive: true });
    const back = await machine.open();
    expect(back.authorize(BACKUP).allowed).toBe(true);
    expect(await back.check()).toMatchObject({ ok: true, status: { state: 'licensed', instance } });
    expect((await back.check()).ok).toBe(true);
    const stranger = await new Machine('srv10').open(licenseKey);
    expect(stranger.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'SEATS_EXHAUSTED' });
  });

  test('a clock that is a year behind is healed by the contact', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const machine = new Machine('srv6');
    machine.clock.wallMs -= 365 * DAY;
    const license = await machine.open(licenseKey);
    expect(license.status()).toMatchObject({ state: 'licensed', clock: 'behind' });
    expect(license.authorize(BACKUP).allowed).toBe(true);
    expect(license.status().lastContact).toBe(new Date(bench.clock).toISOString());
  });

  test('a refusal decided here shows at the authority', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const license = await new Machine('srv7').open(licenseKey);
    const answer = await license.media.use({ passport: null, purpose: 'cold_backup' });
    expect(answer).toMatchObject({ allowed: false, code: 'UNLICENSED_MEDIA', medium: { stamp: 'missing' } });
    await license.check();
    const { body } = await asPerson(bench, 'refusals');
    expect(body.rows).toContainEqual(expect.objectContaining({ action: 'be_media.use' }));
  });
});

describe('boot media', () => {
  async function stamp(media: string, base: 'linux' | 'winpe', validDays = 30): Promise<string> {
    const made = await asPerson(bench, 'mediaStamp', { body: { media, base, licensee: 'Example Ltd', validDays } });
    return made.body.passport;
  }

  test('a stamped medium on a covered machine, with nothing but keyset and passport', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const covered = new Machine('bare1');
    const proof = await (await covered.open(licenseKey)).recoveryProof();
    const passport = await stamp('stick1', 'linux');
    const windows = await stamp('stick2', 'winpe');
    const keyset = (await asPerson(bench, 'keyset')).body.keyset;
    // A blank state folder and no authority: what a boot medium has in the server room at night.
    const boot = async (name: string) => {
      const license = await openLicense({
        product: PRODUCT,
        version: '12.1',
        roots: [bench.rootJwk],
        stateDir: temporaryFolder(),
        testing: {
          clock: new HandClock(bench.clock + 1000),
          socket: { runFolder: temporaryFolder() },
          ...machineNamed(name),
        },
      });
      cleanUp(() => license.close());
      return license;
    };
    const here = await boot('bare1');
    const use = { passport, keyset, purpose: 'cold_backup', os: 'linux' } as const;
    expect(await here.media.use(use)).toMatchObject({
      allowed: true,
      reason_rule: 'AIP-9.1',
      medium: { stamp: 'valid', id: 'stick1', licensee: 'Example Ltd' },
    });
    const changed = edited(passport);
    const forged = await here.media.use({ ...use, passport: changed });
    expect(forged).toMatchObject({ allowed: false, code: 'UNLICENSED_MEDIA', medium: { stamp: 'invalid' } });
    expect(forged.explain().cure).not.toBe('');
    expect(await here.media.use({ ...use, passport: windows })).toMatchObject({ allowed: false, code: 'MEDIA_OS' });
    const stranger = await boot('bare2');
    expect(await stranger.media.use(use)).toMatchObject({ allowed: false, decision: 'needs' });
    const recovery = { ...use, purpose: 'system_recovery' } as const;
    expect((await stranger.media.use(recovery)).allowed).toBe(false);
    expect(await stranger.media.use({ ...recovery, recoveryProof: proof ?? null })).toMatchObject({
      allowed: true,
      reason_rule: 'F-10',
    });
    expect((await stranger.media.use({ ...recovery, recoveryProof: `${proof}x` })).allowed).toBe(false);
    expect((await stranger.media.use({ ...use, recoveryProof: proof ?? null })).allowed).toBe(false);
  });
});

describe('IT Pro sessions', () => {
  test('one at a time: the second is told who, where, until when, and starts once the first has ended', async () => {
    const { licenseKey } = await newLicense(bench, {
      type: 'it_pro',
      term: 'subscription',
      validUntil: '2027-06-01',
      boundTo: { type: 'technician', id: 'anna' },
    });
    await asPerson(bench, 'mediaStamp', {
      body: { media: 'usb1', base: 'linux', licensee: 'Example Ltd', technician: 'anna', validDays: 30 },
    });
    const ask = (machine: string) =>
      ({
        licenseKey,
        technician: 'anna',
        technicianName: 'Anna',
        media: 'usb1',
        machine,
        machineOs: 'linux',
        operation: 'backup',
      }) as const;
    const one = new Machine('tech1');
    const first = await one.open();
    const second = await new Machine('tech2').open();
    const started = await first.technician.start(ask('customer-1'));
    if (!started.started) throw started.problem;
    expect(await started.session.guard()).toMatchObject({ allowed: true });
    const refused = await second.technician.start(ask('customer-2'));
    // The next waits a minute longer than the holder may start: clocks of nodes differ.
    const until = new Date(Date.parse(started.session.until) + 60_000).toISOString();
    expect(refused).toMatchObject({
      started: false,
      decision: { code: 'ITPRO_CONCURRENT', reason_rule: 'AIP-9.6' },
      holder: { technicianName: 'Anna', machine: 'customer-1', until },
    });
    // The machine slept: the authority is asked again before anything starts.
    one.clock.pass(200_000);
    bench.clock += 200_000;
    const before = started.session.until;
    expect(await started.session.guard()).toMatchObject({ allowed: true });
    expect(started.session.until > before).toBe(true);
    expect(await first.technician.end(started.session)).toBeUndefined();
    expect(await started.session.guard()).toMatchObject({ allowed: false });
    const now = await second.technician.start(ask('customer-2'));
    expect(now.started).toBe(true);
    if (now.started) await now.session.end();
  });
});
