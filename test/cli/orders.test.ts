import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBench, type Bench } from '../support/authority.js';
import { typed } from './typed.js';

let bench: Bench;
let folder: string;
beforeAll(async () => {
  bench = await startBench();
  folder = mkdtempSync(join(tmpdir(), 'leasehold-orders-'));
  writeFileSync(join(folder, 'connection'), bench.authority.connectionFor(bench.ownerToken));
  writeFileSync(
    join(folder, 'prices.json'),
    JSON.stringify({ currency: 'eur', prices: [{ item: 'license:server', per: 'month', amount: 1200 }] }),
  );
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

const admin = async (...words: string[]): Promise<Record<string, unknown>> => {
  const { status, out, err } = await typed('admin', ...words, '--connection', join(folder, 'connection'), '--json');
  expect({ status, err, out }).toMatchObject({ status: 0 });
  return JSON.parse(out) as Record<string, unknown>;
};

it('buys, pays, renews, refunds and voids from a terminal', async () => {
  await admin('prices', 'set', '--file', join(folder, 'prices.json'));
  expect(await admin('prices')).toMatchObject({ currency: 'eur' });
  const words = ['order', 'create', '--type', 'server', '--quantity', '2', '--mode', 'monthly'];
  const dry = await admin(...words, '--dry-run');
  expect(dry).toMatchObject({ dryRun: true, decision: { value: { total: 2400, validUntil: '2026-07-14' } } });
  const { id: order } = (await admin(...words)) as { id: string };
  await admin('order', 'paid', order, '--reference', 'wire 1');
  const paid = (await admin('order', order)) as { licenses: string[]; status: string };
  expect(paid).toMatchObject({ status: 'paid', reference: 'wire 1', licenseCount: 2 });
  const renewal = (await admin('order', 'renew', '--license', paid.licenses[0]!, '--periods', '3')) as { id: string };
  await admin('order', 'void', renewal.id);
  await admin('order', 'refund', order);
  await admin('order', 'trial', '--type', 'm365');
  expect(await admin('orders', '--status', 'refunded')).toMatchObject({ total: 1, rows: [{ id: order }] });
});

it('buys licenses of machines and pools from a terminal', async () => {
  const machines = [
    'order',
    'create',
    '--profile',
    'aip',
    '--type',
    'virtual',
    '--term',
    'perpetual',
    '--quantity',
    '2',
  ];
  expect(await admin(...machines, '--dry-run')).toMatchObject({ decision: { value: { validUntil: null } } });
  const { id: order } = (await admin(...machines)) as { id: string };
  await admin('order', 'paid', order);
  expect(await admin('order', order)).toMatchObject({ licenseCount: 2 });
  const pool = ['order', 'create', '--profile', 'lmp', '--type', 'OEM', '--cal', 'obm=100', '--cal', 'acb=50'];
  const { id } = (await admin(...pool, '--periods', '2')) as { id: string };
  await admin('order', 'paid', id);
  expect(await admin('pools')).toMatchObject({ licenses: [{ type: 'OEM', cals: { obm: 100, acb: 50 } }] });
  await admin('order', 'trial', '--profile', 'aip', '--type', 'server');
});

it('says which file holds no price list', async () => {
  const file = join(folder, 'prices.json');
  writeFileSync(file, '[]');
  const words = ['admin', 'prices', 'set', '--file', file, '--connection', join(folder, 'connection')];
  const { status, err } = await typed(...words);
  expect(status).not.toBe(0);
  expect(err).toContain('holds no price list');
});

it('names every wrong line of a file that it refuses', async () => {
  const file = join(folder, 'licenses.csv');
  const head = 'id;profile;type;kind;term;companyId;seats;validUntil;autoRenew';
  writeFileSync(
    file,
    `${head}\na;msp;server;commercial;subscription;nobody;1;2027-01-31;yes\nb;msp;server;commercial;subscription;;1;;no\n`,
  );
  const words = ['admin', 'license', 'import', '--file', file, '--connection', join(folder, 'connection')];
  const { status, err } = await typed(...words);
  expect(status).not.toBe(0);
  expect(err).toContain('csv.line[2].companyId: There is no company nobody.');
  expect(err).toContain('csv.line[3].validUntil: The license needs an end.');
  const { error } = JSON.parse((await typed(...words, '--json')).out) as { error: { errors: object[] } };
  expect(error.errors).toHaveLength(2);
  const rows = join(folder, 'rows.json');
  writeFileSync(rows, JSON.stringify([{ profile: 'msp' }]));
  const create = await typed('admin', 'license', 'create', '--file', rows, '--connection', join(folder, 'connection'));
  expect(create.err).toContain('\n  body.licenses.0.type: is missing\n');
});
