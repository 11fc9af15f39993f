// A backup server with a relay in a process of its own: activated at an authority of its own, which then goes away.
import { join } from 'node:path';
import { provisionAuthority, startAuthority } from '@leasehold/authority';
import { openRelay } from '@leasehold/relay';
import { openLicense } from '@leasehold/sdk';

const [folder] = process.argv.slice(2);
const place = { db: `sqlite:${join(folder, 'authority.db')}`, dataDir: join(folder, 'keys') };
const account = { account: 'acme', name: 'Acme', product: 'acme-backup', prefix: 'Acme' };
const { rootJwk, ownerToken } = await provisionAuthority(place, account, Date.now());
const authority = await startAuthority(place);

async function admin(path, body) {
  const response = await fetch(`${authority.url}/v1/admin/${path}`, {
    method: path.endsWith('/quota') ? 'PUT' : 'POST',
    headers: { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

const cals = { obm: 1_000_000 };
const license = { id: 'OEM-1', type: 'OEM', purchase: 'purchased', cals, freeUpgradeUntil: '2099-06-30' };
await admin('pool-licenses', { licenses: [license] });
await admin('pool-licenses/OEM-1/convert', { confirmName: 'OEM-1' });
const pool = await admin('pools', { name: 'North', type: 'OEM' });
await admin(`pools/${pool.id}/quota`, { quota: cals });
const key = await admin(`pools/${pool.id}/keys`, { licenseeName: 'Server1', quota: cals });
const stateDir = join(folder, 'license');
const about = { product: 'acme-backup', version: '12.1', roots: [rootJwk], authority: authority.url, stateDir };
const server = await openLicense({ ...about, activation: { key: key.licenseKey } });
await authority.close();
const relay = await openRelay({ license: server, folder: join(folder, 'relay') });

let cpu = process.cpuUsage();
process.on('message', () => {
  const { user, system } = process.cpuUsage(cpu);
  cpu = process.cpuUsage();
  process.send({ cpu: user + system });
});
process.on('disconnect', () => process.exit(0));
process.send({ url: relay.url, code: await relay.enroll('obm') });
