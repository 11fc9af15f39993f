import { isOverviewReply } from '@leasehold/protocol/guards';
import type { Platform } from '../platform.js';
import type { Live } from './live.js';
import { setServerTime } from './clock.js';
import { readGlance, writeGlance } from './glance.js';
import { createResource, type Resource } from './resource.js';
import type { Overview } from './rows.js';
import { upsert } from './tables.js';

/** The overview: what was known last at once, then the authority's, then every change. */
export function openOverview(platform: Platform, live: Live): Resource<Overview> {
  const resource = createResource<Overview>(
    async (signal) => {
      const overview = await live.authority.call('overview', isOverviewReply, { signal });
      setServerTime(overview.serverTime);
      await writeGlance(platform, live.connection.id, {
        status: live.status.value,
        overview,
        at: Date.now(),
        ...(live.me.value === undefined ? {} : { timeZone: live.me.value.timeZone }),
      });
      return overview;
    },
    (overview, changes) => ({
      ...overview,
      pools: [...upsert(overview.pools, 'pool', changes, 'append')],
      sessions: upsert(overview.sessions, 'session', changes, 'append').filter((session) => session.endedAt === null),
      refusals: upsert(overview.refusals, 'refusal', changes, 'append')
        .toSorted((a, b) => b.at.localeCompare(a.at))
        .slice(0, 20),
    }),
  );
  void showKnown(platform, live, resource);
  return resource;
}

async function showKnown(platform: Platform, live: Live, resource: Resource<Overview>): Promise<void> {
  const known = await readGlance(platform, live.connection.id);
  resource.data.value ??= known?.overview;
}
