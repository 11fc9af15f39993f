import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLicense, type License, type RequestPurpose } from '@leasehold/sdk';
import { readResponse } from '@leasehold/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { typed } from '../cli/typed.js';
import { asPerson, claimsOf, newLicense, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { BACKUP, cleanUp, DAY, HandClock, machineNamed, RESTORE, temporaryFolder } from '../support/sdk-fixture.js';

let bench: Bench;
beforeAll(async () => void (bench = await startBench(undefined, { policy: {} })));
afterAll(() => bench.close());

/** A machine in a locked room: no address of an authority, only files. */
class Locked {
  readonly clock = new HandClock(bench.clock);
  readonly name: string;
  stateDir = temporaryFolder();
  constructor(name: string) {
    this.name = name;
  }
  async open(key?: string): Promise<License> {
    const license = await openLicense({
      product: PRODUCT,
      version: '12.1',
      roots: [bench.rootJwk],
      stateDir: this.stateDir,
      label: this.name,
      ...(key === undefined ? {} : { activation: { key } }),
      testing: { clock: this.clock, socket: { runFolder: temporaryFolder() }, ...machineNamed(this.name) },
    });
    cleanUp(() => license.close());
    return license;
  }
  /** Days pass for the machine and for the authority. */
  pass(days: number): void {
    this.clock.pass(days * DAY);
    bench.clock += days * DAY;
  }
}

async function request(license: License, purpose: RequestPurpose): Promise<string> {
  const made = await license.requestFile(purpose);
  if (!made.ok) throw new Error(`${made.problem.code}: ${made.problem.message}`);
  return made.file;
}
const handIn = (file: string, more: { leaseDays?: number; dryRun?: boolean } = {}) =>
  asPerson(bench, 'exchange', { body: { file, ...more } });
async function answerTo(file: string): Promise<string> {
  const { status, body, problem } = await handIn(file);
  expect({ status, problem: status === 200 ? null : problem }).toEqual({ status: 200, problem: null });
  return body.file!;
}
async function activated(name: string): Promise<{ machine: Locked; license: License; id: string; licenseKey: string }> {
  const sold = await newLicense(bench, { type: 'linux' });
  const machine = new Locked(name);
  const license = await machine.open(sold.licenseKey);
  expect(await license.responseFile(await answerTo(await request(license, 'activate')))).toMatchObject({ ok: true });
  return { machine, license, ...sold };
}
/** One letter of the seal is another one. */
function edited(file: string): string {
  const near = file.length - 70;
  const at = file[near] === '\n' ? near + 1 : near;
  return `${file.slice(0, at)}${file[at] === 'A' ? 'B' : 'A'}${file.slice(at + 1)}`;
}

describe('an air-gapped machine', () => {
  test('is told of the end of its lease, also where its clock stood a year ahead when the answer was taken', async () => {
    const { machine, license } = await activated('vault-10');
    const asked = await request(license, 'renew');
    const answer = await answerTo(asked);
    machine.clock.wallMs += 365 * DAY;
    expect(await license.responseFile(answer)).toMatchObject({ ok: true });
    machine.clock.wallMs -= 365 * DAY;
    machine.clock.pass(84 * DAY);
    expect(license.status()).toMatchObject({ state: 'licensed', problems: [{ code: 'TOKEN_EXPIRED' }] });
  });

  test('backs up for 85 days by one exchange, hands its usage in, renews, and gives its seat back', async () => {
    const { machine, license, id } = await activated('vault-1');
    expect(license.status()).toMatchObject({ state: 'licensed', license: id });
    for (let day = 0; day < 85; day += 5) {
      machine.pass(5);
      expect(license.authorize(BACKUP)).toMatchObject({ allowed: true });
      license.usage.record({ kind: 'backup', bytes: 1000 });
    }
    await expect.poll(() => license.usage.health().waiting).toBe(17);
    const renewal = await request(license, 'renew');
    const before = license.status().offlineUntil!;
    expect(await license.responseFile(await answerTo(renewal))).toMatchObject({ ok: true });
    expect(Date.parse(license.status().offlineUntil!) - Date.parse(before)).toBe(85 * DAY);
    expect(license.usage.health().waiting).toBe(0);
    const months = ['2026-06', '2026-07', '2026-08', '2026-09'];
    let counted = 0;
    for (const month of months) {
      const { rows } = (await asPerson(bench, 'usage', { query: `?month=${month}` })).body;
      counted += rows.reduce((sum, { jobs }) => sum + jobs, 0);
    }
    expect(counted).toBe(17);
    machine.pass(91);
    expect(license.authorize(RESTORE)).toMatchObject({ allowed: true });
    expect(license.status().state).not.toBe('licensed');
    const back = await answerTo(await request(license, 'deactivate'));
    expect(await license.responseFile(back)).toMatchObject({ ok: true });
    expect(license.status().state).toBe('not_activated');
    const { rows } = (await asPerson(bench, 'licenses')).body;
    expect(rows.find((row) => row.id === id)).toMatchObject({ used: 0 });
  });

  test('survives a restart between request and answer', async () => {
    const { licenseKey } = await newLicense(bench, { type: 'linux' });
    const machine = new Locked('vault-2');
    const first = await machine.open(licenseKey);
    const file = await request(first, 'activate');
    await first.close();
    const second = await machine.open();
    expect(await second.responseFile(await answerTo(file))).toMatchObject({ ok: true, status: { state: 'licensed' } });
  });

  test('an answer that lay for weeks says nothing against the clock, and ends when it was to end', async () => {
    const { machine, license } = await activated('vault-8');
    machine.pass(60);
    const asked = await request(license, 'renew');
    machine.pass(3);
    const answer = await answerTo(asked);
    const answeredAt = bench.clock;
    machine.pass(20);
    expect(await license.responseFile(answer)).toMatchObject({ ok: true, status: { state: 'licensed', clock: 'ok' } });
    const { offlineUntil, lastContact } = license.status();
    expect([offlineUntil, lastContact].map((at) => Date.parse(at!))).toEqual([answeredAt + 90 * DAY, bench.clock]);
    machine.pass(69);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: true });
    machine.pass(2);
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
  });

  test('a lost answer costs nothing: a new request gets the same lease', async () => {
    const { license } = await activated('vault-3');
    await answerTo(await request(license, 'renew'));
    const second = await answerTo(await request(license, 'renew'));
    expect(await license.responseFile(second)).toMatchObject({ ok: true });
    const { rows } = (await asPerson(bench, 'machines', { query: '?search=vault-3' })).body;
    expect(rows).toMatchObject([{ verdict: 'same' }]);
  });

  test('an answer that was written onto a full stick is had again for the same request', async () => {
    const { machine, license } = await activated('vault-12');
    const asked = await request(license, 'renew');
    await answerTo(asked);
    const answeredAt = bench.clock;
    machine.pass(3);
    expect(await license.responseFile(await answerTo(asked))).toMatchObject({ ok: true });
    expect(Date.parse(license.status().offlineUntil!)).toBe(answeredAt + 90 * DAY);
  });

  test('an answer that was lost is given again by the day of the new request, with all its days', async () => {
    const { machine, license } = await activated('vault-9');
    await answerTo(await request(license, 'renew'));
    machine.pass(20);
    const second = await answerTo(await request(license, 'renew'));
    expect(await license.responseFile(second)).toMatchObject({ ok: true, status: { state: 'licensed' } });
    expect(license.authorize(BACKUP)).toMatchObject({ allowed: true });
    expect(Date.parse(license.status().offlineUntil!)).toBe(bench.clock + 90 * DAY);
  });
});

describe('files are refused with their cause, and change nothing', () => {
  test('at the authority: edited, torn, of the other kind, of another product', async () => {
    const { license } = await activated('vault-4');
    const file = await request(license, 'renew');
    const answer = await answerTo(file);
    const { seq } = (await asPerson(bench, 'me')).body;
    const causes = [
      [edited(await request(license, 'renew')), 'TOKEN_SIGNATURE'],
      [file.slice(0, 300), 'TOKEN_MALFORMED'],
      [answer, 'TOKEN_MALFORMED'],
      ['hello', 'TOKEN_MALFORMED'],
    ] as const;
    for (const [text, code] of causes) expect((await handIn(text)).problem.code).toBe(code);
    expect((await asPerson(bench, 'me')).body.seq).toBe(seq);
    expect(await license.responseFile(answer)).toMatchObject({ ok: false, problem: { code: 'TOKEN_FOREIGN' } });
  });

  test('on the machine: replayed, of another machine, edited, of another root', async () => {
    const { license } = await activated('vault-5');
    const other = await activated('vault-6');
    const answer = await answerTo(await request(license, 'renew'));
    const foreign = await answerTo(await request(other.license, 'renew'));
    const before = license.status();
    expect(await license.responseFile(foreign)).toMatchObject({ ok: false, problem: { code: 'TOKEN_FOREIGN' } });
    expect(await license.responseFile(edited(answer))).toMatchObject({
      ok: false,
      problem: { code: 'TOKEN_SIGNATURE' },
    });
    expect(await license.responseFile('no file')).toMatchObject({ ok: false, problem: { code: 'TOKEN_MALFORMED' } });
    expect(license.status()).toEqual(before);
    expect(await license.responseFile(answer)).toMatchObject({ ok: true });
    expect(await license.responseFile(answer)).toMatchObject({ ok: false, problem: { code: 'EXCHANGE_USED' } });
    const stranger = await startBench(bench.clock);
    const sold = await newLicense(stranger, { type: 'linux' });
    const lured = await new Locked('vault-7').open(sold.licenseKey);
    const made = await lured.requestFile('activate');
    const { body } = await asPerson(stranger, 'exchange', { body: { file: (made as { file: string }).file } });
    expect(await lured.responseFile(body.file!)).toMatchObject({ ok: false, problem: { code: 'WRONG_ROOT' } });
    await stranger.close();
  });

  test('an unknown license key, a taken seat and a pool key', async () => {
    const { licenseKey } = await activated('vault-8');
    const second = await new Locked('vault-9').open(licenseKey);
    const file = await request(second, 'activate');
    expect((await handIn(file)).problem.code).toBe('SEATS_EXHAUSTED');
    expect((await handIn(file)).problem.code).toBe('SEATS_EXHAUSTED');
    const license = {
      id: 'P1',
      type: 'OEM',
      purchase: 'purchased',
      cals: { obm: 5 },
      freeUpgradeUntil: '2027-06-30',
    } as const;
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses: [license] } });
    await asPerson(bench, 'poolConvert', { params: { license: 'P1' }, body: { confirmName: 'P1' } });
    const pool = await asPerson(bench, 'poolCreate', { body: { name: 'Pool', type: 'OEM' } });
    await asPerson(bench, 'poolSetQuota', { params: { pool: pool.body.id! }, body: { quota: { obm: 5 } } });
    const key = await asPerson(bench, 'poolKeyCreate', {
      params: { pool: pool.body.id! },
      body: { licenseeName: 'Office', quota: { obm: 5 } },
    });
    const server = await new Locked('vault-10').open(key.body.licenseKey);
    const refused = await handIn(await request(server, 'activate'));
    expect(refused.problem).toMatchObject({ code: 'REFUSED', rule: 'LMP-4.14', reason: 'ONLINE_REQUIRED' });
  });

  test('a dry run answers nothing and uses nothing up; the days can be chosen', async () => {
    const { license } = await activated('vault-11');
    const file = await request(license, 'renew');
    const dry = await handIn(file, { dryRun: true });
    expect(dry.body).toMatchObject({ dryRun: true, call: 'checkIn', label: 'vault-11', usage: 0 });
    expect(dry.body.instance).toBe((await asPerson(bench, 'machines', { query: '?search=vault-11' })).body.rows[0]!.id);
    expect(dry.body.file).toBeUndefined();
    const { body } = await handIn(file, { leaseDays: 30 });
    const claims = claimsOf(readResponse(body.file!).token) as unknown as {
      readonly reply: { readonly lease: string };
    };
    const { iat, exp } = claimsOf(claims.reply.lease);
    expect(exp - iat).toBe(30 * 86_400);
    expect((await handIn(file, { leaseDays: 401 })).problem.code).toBe('INPUT_INVALID');
  });
});

test('by the command alone: request, exchange, import', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-air-gap-'));
  const file = (name: string): string => join(folder, name);
  const { licenseKey } = await newLicense(bench, { type: 'linux', seats: 1 });
  const now = Date.now();
  const today = await startBench(now);
  const sold = await newLicense(today, { type: 'linux', seats: 1 });
  const config = {
    product: PRODUCT,
    version: '12.1',
    roots: [today.rootJwk],
    stateDir: file('state'),
    instanceId: 'vault',
  };
  writeFileSync(file('agent.json'), JSON.stringify(config), { mode: 0o600 });
  writeFileSync(file('connection'), today.authority.connectionFor(today.ownerToken));
  const agent = ['--config', file('agent.json')];
  expect(await typed('request', '--key', licenseKey.slice(0, -1), ...agent)).toMatchObject({ status: 1 });
  const asked = await typed('request', '--key', sold.licenseKey, '--out', file('ask.txt'), '--qr', ...agent);
  expect(asked).toMatchObject({ status: 0 });
  const admin = ['--connection', file('connection')];
  const answered = await typed('admin', 'exchange', file('ask.txt'), '--out', file('answer.txt'), ...admin);
  expect({ status: answered.status, err: answered.err }).toMatchObject({ status: 0 });
  expect(readFileSync(file('answer.txt'), 'utf8')).toContain('-----BEGIN LEASEHOLD RESPONSE-----');
  const taken = await typed('import', file('answer.txt'), ...agent, '--json');
  expect(JSON.parse(taken.out)).toMatchObject({ installed: 'response', status: { state: 'licensed' } });
  const again = await typed('import', file('answer.txt'), ...agent);
  expect(again.err).toContain('EXCHANGE_USED');
  const back = await typed('request', '--deactivate', '--qr', ...agent);
  expect(back.err).toContain('█');
  await today.close();
  rmSync(folder, { recursive: true });
});
