import { expect } from 'vitest';
import { some, type Act, type Model } from './model.js';
import type { Site } from './site.js';
import { hash } from './start.js';

/** Technicians in a random sequence: sessions, vouchers, whoever takes over, and whose the license is. */
export const SESSION_ACTIONS: Readonly<Record<string, Act>> = {
  startSession,
  startSessionAgain: startSession,
  beat,
  endSession,
  voucher,
  reassign,
};

async function startSession(site: Site, { itPro, sessions }: Model, a: number, b: number): Promise<void> {
  const license = some(itPro, a);
  if (license === undefined) return;
  const { account } = site;
  const jkt = hash(`stick ${b}`);
  const asked = {
    technician: b % 4 === 0 ? 'tom' : 'tina',
    media: 'stick',
    machine: `m${b}`,
    machineOs: 'linux',
    operation: 'backup',
    takeOver: a % 3 === 0,
  } as const;
  const request = { product: 'acme-backup', ...asked, nonce: hash(site.fresh('n')) };
  const keyHash = hash(`${account} ${license}`);
  const input = { account, keyHash, jkt, pinHash: null, freshId: site.fresh('ses'), request };
  const started = await site.call('startSession', input);
  if (started?.kind === 'granted') sessions.push({ id: started.claims.session, jkt });
}

async function beat(site: Site, { sessions }: Model, a: number): Promise<void> {
  const session = some(sessions, a);
  if (session !== undefined)
    await site.call('beatSession', { account: site.account, session: session.id, jkt: session.jkt });
}

async function endSession(site: Site, { sessions }: Model, a: number): Promise<void> {
  const session = some(sessions, a);
  if (session === undefined) return;
  if (a % 2 === 0) await site.change('sessionStop', { session: session.id });
  else await site.call('endSession', { account: site.account, session: session.id, jkt: session.jkt });
}

async function voucher(site: Site, { itPro }: Model, a: number, b: number): Promise<void> {
  const license = some(itPro, a);
  if (license === undefined) return;
  const id = site.fresh('ses');
  const codeHash = hash(`${site.account} ${id}`);
  const place = { license, media: 'stick', machine: `m${b}`, machineOs: 'linux' } as const;
  const done = await site.change('voucherCreate', { ...place, id, hours: 1 + b, codeHash });
  if (done === undefined || b % 3 === 0) return;
  const fetch = (device: string) => site.call('fetchVoucher', { account: site.account, jkt: hash(device), codeHash });
  expect(await fetch('one')).toBeDefined();
  expect(await fetch('two'), 'a voucher is fetched once').toBeUndefined();
}

async function reassign(site: Site, { itPro }: Model, a: number, b: number): Promise<void> {
  const license = some(itPro, a);
  if (license !== undefined)
    await site.change('licenseReassign', { license, technician: b % 2 === 0 ? 'tina' : 'tom' });
}
