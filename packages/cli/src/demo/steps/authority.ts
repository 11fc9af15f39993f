import { writeFile } from 'node:fs/promises';
import { formatConnection, type PublicJwk } from '@leasehold/protocol';
import { readMachine } from '@leasehold/fingerprint';
import { AdminClient } from '../../admin/client.js';
import { createCompanies, createPools, sell, type Sold } from '../case-study.js';
import { leaseholdJson } from '../leasehold.js';
import { coverFor, type Cover } from '../cover.js';
import type { Screen } from '../screen.js';
import type { Step } from '../story.js';

const PRODUCT = 'acme-backup';
const YEAR = 365 * 86_400_000;
const ANNA = { type: 'technician', id: 'anna' } as const;
const PORT = 8410; // the authority's usual one; any free one where it is taken

export const authorityStep: Step = {
  title: 'A license authority starts, with a fresh root key and a demo account',
  async run({ screen, place, authority }) {
    const account = ['--account', 'demo', '--name', 'Demo', '--product', PRODUCT, '--prefix', 'CSV-PoolKey'];
    const where = ['--db', place.db, '--root', place.rootKey];
    const made = await leaseholdJson(['authority', 'create', ...where, ...account], place.folder);
    await authority.start(PORT);
    screen.done(`It serves on ${authority.url} from embedded SQLite; root key, signing key and keyset are new.`);

    const { kty, crv, x } = made['root'] as PublicJwk;
    const connection = { url: authority.url, roots: [x], token: String(made['ownerToken']) };
    const admin = new AdminClient(connection);
    const cover = coverFor((await readMachine()).fingerprint('demo'));
    const keys = await fill(admin, screen, cover);
    const agent = {
      product: PRODUCT,
      version: '12.1',
      authority: authority.url,
      roots: [{ kty, crv, x }],
      stateDir: place.agentState,
      ...cover.settings,
    };
    await writeFile(place.agentConfig, JSON.stringify(agent, null, 2), { mode: 0o644 });
    return { admin, keys, agent, connection: formatConnection(connection) };
  },
};

async function fill(admin: AdminClient, screen: Screen, cover: Cover): Promise<ReadonlyMap<string, string>> {
  const inOneYear = new Date(Date.now() + YEAR).toISOString().slice(0, 10);
  const pools = await createPools(admin, inOneYear);
  screen.done(`100 + 100 client licenses in stock, converted: 3 License Pools, ${pools.size} Pool Keys.`);
  await createCompanies(admin, inOneYear);
  screen.done('Two companies with server and desktop licenses, a global pool, two trials.');
  const sold: readonly Sold[] = [
    { ...cover.license, validUntil: cover.license.term === 'perpetual' ? null : inOneYear },
    { id: 'server-licenses', type: 'server', term: 'perpetual', seats: 10, validUntil: null },
    { id: 'host-licenses', type: 'virtual', term: 'perpetual', seats: 4, validUntil: null },
    { id: 'it-pro', type: 'it_pro', term: 'subscription', seats: 1, validUntil: inOneYear, boundTo: ANNA },
  ];
  const keys = await sell(
    admin,
    sold.filter((each, i) => sold.findIndex(({ id }) => id === each.id) === i),
  );
  screen.done('Machine, hypervisor-host and IT Pro licenses, each with its license key.');
  return keys;
}
