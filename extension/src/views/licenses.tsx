import type { Live } from '../model/live.js';
import { place } from '../model/place.js';
import { GrantsPage } from './licenses/grants.js';
import { LicenseGrid } from './licenses/license-grid.js';
import { OrdersPage } from './licenses/orders.js';

/** Organization → Licenses: the grid of the source, the orders that fill it, what was given down of it. */
export function LicensesPage({ live }: { live: Live }) {
  const { item } = place.value;
  if (item === 'orders') return <OrdersPage live={live} />;
  if (item === 'grants') return <GrantsPage live={live} />;
  return <LicenseGrid live={live} />;
}
