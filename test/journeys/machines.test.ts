import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, CheckOutcome, MediaAnswer, SpokenCodes, Status } from '@leasehold/sdk';
import { asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { Floor, type Machine } from '../support/machine.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BACKUP = { action: 'backup', machine: 'self', scope: 'system_image' };
let bench: Bench;
let floor: Floor;
beforeAll(async () => {
  bench = await startBench();
  floor = new Floor(bench);
});
afterAll(async () => {
  floor.close();
  await bench.close();
});

const check = (machine: Machine): Promise<CheckOutcome> => machine.call('check');
const instanceOf = async (machine: Machine): Promise<string> => (await machine.call<Status>('status')).instance!;
const backup = (machine: Machine): Promise<Answer> => machine.call('authorize', BACKUP);
const detail = async (id: string) => (await asPerson(bench, 'machine', { params: { machine: id } })).body;

describe('a disk that was copied to a second machine', () => {
  const ways = [
    ['machines', { type: 'linux' }, 'AIP-0.1'],
    ['instances', { profile: 'msp', type: 'server', term: 'subscription', validUntil: '2027-06-30' }, 'MSP-1'],
  ] as const;

  test.each(ways)(
    'licensed by %s: both go on; the copy has its grace, and stops when nobody decides',
    async (rack, sort, rule) => {
      const { licenseKey, id } = await newLicense(bench, sort);
      const original = await floor.start(rack, { key: licenseKey });
      await check(original);
      await original.call('close');
      const copied = floor.copyOf(original.stateDir);
      const first = await floor.start(rack, { stateDir: original.stateDir, key: licenseKey });
      const second = await floor.start(`${rack}-copy`, { stateDir: copied, installation: rack, key: licenseKey });
      for (const machine of [second, first, second, first]) await check(machine);
      const [kept, copy] = [await instanceOf(first), await instanceOf(second)];
      expect(copy).not.toBe(kept);
      expect(await backup(first)).toMatchObject({ allowed: true, reason_rule: rule });
      expect(await backup(second)).toMatchObject({ decision: 'warn', warnings: ['SHORTAGE_GRACE'] });
      expect((await detail(copy)).fork).toMatchObject({ of: kept, undecided: false });
      expect((await detail(kept)).machine.coveredBy).toBe(id);
      // What the copy reports from now on has numbers of its own.
      for (const machine of [first, second]) await machine.call('record', { kind: 'backup', bytes: 7 });
      await expect
        .poll(async () => {
          for (const machine of [first, second]) await check(machine);
          const { rows } = (await asPerson(bench, 'usage')).body;
          return rows.filter(({ instance }) => [kept, copy].includes(instance)).map(({ jobs }) => jobs);
        })
        .toEqual([1, 1]);
      // Offline too, by what the lease brought.
      floor.pass(13 * DAY);
      expect(await backup(second)).toMatchObject({ warnings: ['SHORTAGE_GRACE'], value: { daysLeft: 1 } });
      floor.pass(2 * DAY);
      for (const machine of [first, second]) await check(machine);
      expect(await backup(first)).toMatchObject({ allowed: true });
      expect(await backup(second)).toMatchObject({ allowed: false, decision: 'needs', reason_rule: rule });
      expect(await second.call('authorize', { action: 'restore', machine: 'self' })).toMatchObject({ allowed: true });
    },
  );
});

describe('an active machine that dies', () => {
  test('its standby boots with its state, under its own name and license; the machine that returns is not touched', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const active = await floor.start('site-a', { key: licenseKey });
    await check(active);
    const name = await instanceOf(active);
    const declared = await asPerson(bench, 'standbyCreate', { params: { machine: name }, body: { name: 'site-b' } });
    const { id: license } = await newLicense(bench, { type: 'linux' });
    const to = { type: 'machine', id: declared.body.id! } as const;
    expect((await asPerson(bench, 'licenseBind', { params: { license }, body: { to } })).status).toBe(200);
    const replica = floor.copyOf(active.stateDir);
    await active.kill();
    floor.pass(2 * HOUR);
    const standby = await floor.start('site-b', { stateDir: replica, installation: 'site-a', key: licenseKey });
    await check(standby);
    expect(await instanceOf(standby)).toBe(declared.body.id);
    expect(await backup(standby)).toMatchObject({ allowed: true, reason_rule: 'AIP-0.1' });
    const back = await floor.start('site-a', { stateDir: active.stateDir, key: licenseKey });
    await check(back);
    expect(await instanceOf(back)).toBe(name);
    expect(await backup(back)).toMatchObject({ allowed: true, reason_rule: 'AIP-0.1' });
  });
});

describe('a stick in the server room at night, without a network', () => {
  test('on a covered machine, one formerly covered, a stranger, and replacement hardware with a blank disk', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux', seats: 2 });
    const covered = await floor.start('bare-1', { key: licenseKey });
    const former = await floor.start('bare-2', { key: licenseKey });
    await check(covered);
    await check(former);
    const proof = await covered.call<string>('recoveryProof');
    const gone = await instanceOf(former);
    await asPerson(bench, 'machineRelease', { params: { machine: gone }, body: {} });
    const request = { media: 'night-stick', base: 'linux', licensee: 'Example Ltd', validDays: 30 };
    const stamped = await covered.call<{ ok: boolean; passport: string; keyset: string }>('stamp', request);
    expect(stamped.ok).toBe(true);
    const medium = { passport: stamped.passport, keyset: stamped.keyset, base: 'linux' };
    const boot = (hardware: string) => floor.start(hardware, { offline: true });
    const use = (machine: Machine, purpose: string, more = {}): Promise<MediaAnswer> =>
      machine.call('use', { ...medium, purpose, os: 'linux', ...more });

    const here = await boot('bare-1');
    expect(await use(here, 'cold_backup')).toMatchObject({ allowed: true, reason_rule: 'AIP-9.1' });
    expect(await use(here, 'system_recovery', { passport: null })).toMatchObject({ code: 'UNLICENSED_MEDIA' });

    const before = await boot('bare-2');
    expect(await use(before, 'system_recovery')).toMatchObject({ allowed: true, warnings: ['RESTORE_ONLY'] });
    expect(await use(before, 'cold_backup')).toMatchObject({ allowed: false });

    const stranger = await boot('stranger');
    expect(await use(stranger, 'system_recovery')).toMatchObject({ allowed: false, decision: 'needs' });
    const codes = await stranger.call<SpokenCodes>('codes', medium);
    const body = { challenge: codes.challenge!, note: 'new board in rack 4' };
    const { code } = (await asPerson(bench, 'codeCreate', { params: { media: 'night-stick' }, body })).body;
    const recovery = (machine: Machine, oneTimeCode: string) => use(machine, 'system_recovery', { oneTimeCode });
    expect(await recovery(stranger, code!)).toMatchObject({ allowed: true, reason_rule: 'F-10' });
    expect(await recovery(stranger, '00000-00000')).toMatchObject({ allowed: false });
    expect(await use(stranger, 'cold_backup', { oneTimeCode: code })).toMatchObject({ allowed: false });

    const blank = await boot('replacement');
    const night = { os: 'unknown', imageOf: 'bare-1' };
    expect(await use(blank, 'system_recovery', { ...night, recoveryProof: proof })).toMatchObject({
      allowed: true,
      warnings: ['OS_UNKNOWN'],
    });
    expect(await use(blank, 'cold_backup', { os: 'unknown', recoveryProof: proof })).toMatchObject({ allowed: false });
  });
});
