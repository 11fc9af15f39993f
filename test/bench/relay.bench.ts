import { ClaimSite } from './authority/claim-site.js';
import { figure, ratio } from './decision/measure.js';
import { mapping } from './relay/mapping.js';

/** Sub-leases that a relay gives to new clients, beside seats that an authority gives to new machines: 64 waiting, each
 * durable before it is answered, signed and proven alike. They take turns in every round. And how fast the guests that a backup server reaches are known. */

const ROUNDS = 9;
const CLAIMS = 256;

type Row = 'relay' | 'authority';

/** Milliseconds in which the guests of a large site are mapped to their hosts and compiled. */
const MAPPED = 100;

export async function bench(): Promise<{ rows: readonly object[]; goals: readonly object[] }> {
  const [mapped, asked] = mapping();
  const sites: Record<Row, ClaimSite> = {
    relay: await ClaimSite.ofRelay(),
    authority: await ClaimSite.ofAuthority(64),
  };
  const perSecond: Record<Row, number[]> = { relay: [], authority: [] };
  try {
    for (let round = 0; round <= ROUNDS; round += 1)
      for (const row of Object.keys(sites) as Row[]) {
        const slice = await sites[row].slice(CLAIMS);
        if (round > 0) perSecond[row].push(slice.perSecond);
      }
  } finally {
    for (const site of Object.values(sites)) await site.close();
  }
  const lent = figure('sub-lease of a relay', 'leases/s', perSecond.relay);
  const claimed = figure('claim at an authority', 'leases/s', perSecond.authority);
  const value = ratio(lent, claimed);
  return {
    rows: [lent, claimed, mapped, asked].map(({ rounds: _rounds, ...row }) => row),
    goals: [
      { id: 'relay-to-authority', value, limit: 1, holds: value >= 1 },
      { id: 'guests-mapped-ms', value: mapped.median, limit: MAPPED, holds: mapped.median <= MAPPED },
    ],
  };
}
