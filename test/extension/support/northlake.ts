import { startBench, type Bench } from '../../support/authority.js';
import { orders } from './northlake-orders.js';
import { NOW, Realm } from './northlake-realm.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** A service provider's realm as one finds it on a Monday morning, made by the authority's own routes over three weeks
 * of its clock: six companies, some 40 machines, pools and keys, boot media, sessions and refusals. */
export async function startNorthlake(): Promise<Bench> {
  const account = {
    account: 'northlake',
    name: 'Northlake Backup',
    timeZone: 'America/New_York',
    prefix: 'Northlake-PoolKey',
  };
  // Days are closed as they pass, also where they pass within a second.
  const bench = await startBench(NOW - 20 * DAY, account, undefined, { timedWorkSeconds: 0.05 });
  const realm = new Realm(bench);
  await realm.companies();
  await realm.licenses();
  await realm.hosts();
  await realm.machines();
  await realm.pools();
  await realm.media();
  await orders.made(bench);
  const at = async (before: number, act: () => Promise<void>) => {
    bench.clock = NOW - before;
    await act();
  };
  await at(8 * DAY, () => realm.checkIns());
  await at(5 * DAY + 11 * HOUR, () => realm.migration());
  await at(4 * DAY + 6 * HOUR, () => realm.server('cbs-nc1-west', { obm: 9, acb: 11 }));
  await at(4 * DAY, () => realm.checkIns());
  await at(3 * DAY, () => realm.copy('kes-cad-07'));
  await at(2 * DAY + 2 * HOUR, () => realm.server('cbs-nc1-east', { obm: 8, acb: 6 }));
  await at(2 * DAY, () => realm.server('cbs-north-01', { obm: 22, acb: 9 }));
  await at(3 * HOUR + 9 * MINUTE, () => realm.decisions());
  await at(74 * MINUTE, () => realm.checkIns(['kes-lic-01', 'hbr-desk-14', 'cbs-nc1-west']));
  await at(50 * MINUTE, () => orders.lately(bench));
  await at(37 * MINUTE, () => realm.sessions());
  bench.clock = NOW;
  return bench;
}
