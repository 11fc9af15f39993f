import type { VoucherUse } from '@leasehold/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { startMachine } from '../support/sdk-machine.js';
import { stampStick, technicianLicense } from '../support/technicians.js';

const HOUR = 3_600_000;
const PIN = '48151623';
let bench: Bench;
let licenseKey: string;
let license: string;
beforeAll(async () => {
  bench = await startBench();
  ({ id: license, licenseKey } = await technicianLicense(bench, 'anna'));
});
afterAll(() => bench.close());

const start = (hardware: string, { offline = false, now = bench.clock } = {}) =>
  startMachine(bench, hardware, { now, ...(offline ? { authority: null } : {}) });

async function stick(media: string, pin?: string): Promise<{ readonly passport: string; readonly keyset: string }> {
  const passport = await stampStick(bench, media, 'anna', pin === undefined ? {} : { pin });
  return { passport, keyset: (await asPerson(bench, 'keyset')).body.keyset };
}

/** Checks out for `site`, and fetches on another machine that has a network. */
async function checkOut(media: string, site: string, medium: Pick<VoucherUse, 'passport' | 'keyset'>): Promise<string> {
  const { license: there } = await start(site, { offline: true });
  const { machine } = (await there.media.codes(medium))!;
  const body = { license, media, machine, machineOs: 'linux', hours: 8 } as const;
  const made = await asPerson(bench, 'voucherCreate', { body });
  expect(made.status).toBe(200);
  const { license: office } = await start('office');
  const fetched = await office.technician.fetchVoucher(made.body.code!);
  if (!fetched.ok) throw new Error(fetched.problem.message);
  expect(await office.technician.fetchVoucher(made.body.code!)).toMatchObject({ ok: true, voucher: fetched.voucher });
  bench.clock += 9 * HOUR; // the next test checks out anew
  return fetched.voucher;
}

const refusal = (reason: string) => ({ started: false, allowed: false, problem: { details: { reason } } });

describe('a voucher', () => {
  test('starts work on its machine from its medium, without a network, until its hours are over', async () => {
    const medium = await stick('remote-stick');
    const now = bench.clock;
    const use = { ...medium, voucher: await checkOut('remote-stick', 'customer', medium) };
    const { license: there, clock } = await start('customer', { offline: true, now: now + HOUR });
    const outcome = await there.technician.startByVoucher(use);
    if (!outcome.started) throw new Error(outcome.problem.message);
    expect(await outcome.session.guard()).toMatchObject({
      allowed: true,
      until: new Date(now + 8 * HOUR).toISOString(),
    });
    clock.wallMs -= 5 * HOUR; // setting the clock back gains nothing
    clock.uptimeMs += 7 * HOUR;
    expect(await outcome.session.guard()).toMatchObject({ allowed: false, decision: { code: 'VOUCHER_ENDED' } });
    expect(await there.technician.end(outcome.session)).toBeUndefined();
  });

  test('once ended here starts nothing more', async () => {
    const medium = await stick('short-stick');
    const now = bench.clock;
    const use = { ...medium, voucher: await checkOut('short-stick', 'customer', medium) };
    const { license: there } = await start('customer', { offline: true, now });
    const outcome = await there.technician.startByVoucher(use);
    if (!outcome.started) throw new Error(outcome.problem.message);
    await there.technician.end(outcome.session);
    expect((await outcome.session.guard()).allowed).toBe(false);
  });

  test('is refused elsewhere, on another medium, too late, and where the clock cannot be right', async () => {
    const medium = await stick('strict-stick');
    const other = await stick('other-stick');
    const now = bench.clock;
    const voucher = await checkOut('strict-stick', 'customer', medium);
    const at = async (hardware: string, use: VoucherUse, when = now) => {
      return (await start(hardware, { offline: true, now: when })).license.technician.startByVoucher(use);
    };
    const use = { ...medium, voucher };
    expect(await at('another machine', use)).toMatchObject(refusal('VOUCHER_ELSEWHERE'));
    expect(await at('customer', { ...other, voucher })).toMatchObject(refusal('VOUCHER_ELSEWHERE'));
    expect(await at('customer', use, now + 9 * HOUR)).toMatchObject(refusal('VOUCHER_ENDED'));
    expect(await at('customer', use, now - 24 * HOUR)).toMatchObject(refusal('CLOCK_WRONG'));
    const [head, claims, seal] = voucher.split('.') as [string, string, string];
    const edited = Buffer.from(claims, 'base64url').toString().replace('strict-stick', 'strict-stuck');
    const forged = [head, Buffer.from(edited).toString('base64url'), seal].join('.');
    expect(await at('customer', { ...medium, voucher: forged })).toMatchObject({
      started: false,
      problem: { code: 'TOKEN_SIGNATURE' },
    });
    expect(await at('customer', { ...medium, voucher: medium.keyset })).toMatchObject({
      started: false,
      problem: { code: 'TOKEN_KIND' },
    });
  });

  test('of a medium with a PIN starts for whoever knows it, and nobody else', async () => {
    const medium = await stick('pin-stick', PIN);
    const now = bench.clock;
    const use = { ...medium, voucher: await checkOut('pin-stick', 'customer', medium) };
    const { license: there } = await start('customer', { offline: true, now });
    expect(await there.technician.startByVoucher(use)).toMatchObject(refusal('ITPRO_PIN'));
    expect(await there.technician.startByVoucher({ ...use, pin: '00000000' })).toMatchObject(refusal('ITPRO_PIN'));
    expect(await there.technician.startByVoucher({ ...use, pin: PIN })).toMatchObject({ started: true });
  });

  test('keeps the license busy for others; a wrong code and a missing network are told', async () => {
    const medium = await stick('busy-stick');
    const { license: there } = await start('customer', { offline: true });
    const { machine } = (await there.media.codes(medium))!;
    const body = { license, media: 'busy-stick', machine, machineOs: 'linux', hours: 2 } as const;
    await asPerson(bench, 'voucherCreate', { body });
    const { license: office } = await start('office');
    const request = { licenseKey, technician: 'anna', media: 'busy-stick', operation: 'backup' } as const;
    expect(await office.technician.start(request)).toMatchObject({
      started: false,
      problem: { details: { reason: 'ITPRO_MEDIUM_ELSEWHERE' } },
    });
    expect(await office.technician.fetchVoucher('00000-00000')).toMatchObject({
      ok: false,
      problem: { code: 'NOT_FOUND' },
    });
    expect(await there.technician.fetchVoucher('00000-00000')).toMatchObject({
      ok: false,
      problem: { code: 'AUTHORITY_UNREACHABLE' },
    });
  });
});
