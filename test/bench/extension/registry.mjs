// Fills a database with licenses as a large operator has them: most used, some of nobody's company, ends from a year ago
// to a year ahead.
import { indexLicenses } from '../../../packages/authority/dist/licenses/license-index.js';
import { maintenanceCommands } from '../../../packages/authority/dist/store/maintenance.js';
import { defineRegistry } from '../../../packages/authority/dist/store/index.js';
import { migrations } from '../../../packages/authority/dist/store/migrations/index.js';

const DAY = 86_400_000;
const TYPES = ['server', 'desktop', 'workstation', 'ultimate'];
const COLUMNS =
  'account, id, number, type, kind, company_id, assigned_to, computer_name, user_name, valid_until, ends_at, auto_renew, created_at, updated_at';

async function fill(tx, { account, from, to }, now) {
  const rows = Array.from({ length: to - from }, (_each, n) => rowOf(account, from + n, now));
  const one = `(${rows[0].map(() => '?').join(', ')})`;
  const values = rows.map(() => one).join(', ');
  await tx.run(`INSERT INTO instance_licenses (${COLUMNS}) VALUES ${values}`, rows.flat());
  const ids = rows.map((row) => row[1]);
  await indexLicenses(tx, account, ids, now);
}

function rowOf(account, n, now) {
  const id = `L${String(n).padStart(7, '0')}`;
  const day = Math.floor(now / DAY) + ((n * 7) % 730) - 300;
  const holder = n % 3 === 0 ? [null, null, null] : [`i${n}`, `pc-${n}`, `user${n % 977}`];
  const kind = n % 10 === 0 ? 'trial' : 'commercial';
  const validUntil = new Date(day * DAY).toISOString().slice(0, 10);
  const endsAt = (day + 1) * DAY;
  // The daily run has renewed what renews by itself: of that nothing has ended, now and during the bench.
  const renews = endsAt > now + 2 * DAY ? n % 2 : 0;
  return [account, id, id, TYPES[n % 4], kind, null, ...holder, validUntil, endsAt, renews, now, now];
}

const { takeStock } = maintenanceCommands;
export const registry = defineRegistry(import.meta.url, { fill, takeStock }, {}, { migrations });
