import { isOverviewReply } from '@leasehold/protocol/guards';
import { Authority } from './connection/authority.js';
import { TrustBroken } from './connection/keyset.js';
import { readConnections, readTrust, type SavedConnection } from './connection/saved.js';
import { asProblem, catchUp, REFUSING } from './feed/feed.js';
import { said, type FeedStatus } from './feed/feed-status.js';
import type { Me } from './model/rows.js';
import { readGlance, updateBadge, writeGlance } from './model/glance.js';
import { tellNews } from './model/news.js';
import { choose, loadStored } from './model/preferences.js';
import { setTimeZone } from './texts/format.js';
import { onWake, platform } from './platform.js';

/** The worker may die at any line: it keeps nothing in memory. Each wake-up verifies every journal from where it was
 * verified before, and leaves what it saw for the popup. */
async function lookAtAll(): Promise<void> {
  const connections = await readConnections(platform);
  await Promise.all(connections.map((connection) => look(connection)));
  if (connections.length === 0) await updateBadge(platform);
}

/** A notification's id begins with its connection's: the console shows what it spoke of. */
async function openFrom(notification: string): Promise<void> {
  await loadStored(platform);
  await choose(platform, { active: notification.split(' ', 1)[0]! });
  await platform.openConsole('/overview');
}

onWake(lookAtAll, openFrom);

const WITHIN_MS = 25_000;

async function look(connection: SavedConnection): Promise<void> {
  const before = await readGlance(platform, connection.id);
  const { stop } = await readTrust(platform, connection.id);
  if (stop !== undefined) return;
  const signal = AbortSignal.timeout(WITHIN_MS);
  const now = Date.now();
  try {
    let timeZone: string | undefined;
    const listener = {
      status() {},
      me: (me: Me) => (timeZone = me.timeZone),
      rows() {},
      reload() {},
    };
    await catchUp(platform, connection, listener, { now: Date.now, signal });
    const overview = await new Authority(connection).call('overview', isOverviewReply, { signal });
    const status: FeedStatus = { phase: 'live', since: now, verified: true };
    await writeGlance(platform, connection.id, {
      status,
      overview,
      at: Date.now(),
      ...(timeZone === undefined ? {} : { timeZone }),
    });
    setTimeZone(timeZone);
    await loadStored(platform);
    await tellNews(platform, connection, overview);
  } catch (error) {
    await writeGlance(platform, connection.id, { status: statusOf(error, before?.status, now) });
  }
}

function statusOf(error: unknown, before: FeedStatus | undefined, now: number): FeedStatus {
  if (error instanceof TrustBroken) {
    return { phase: 'stopped', since: now, stop: { code: error.code, detail: error.message, at: now } };
  }
  const problem = asProblem(error);
  if (REFUSING.has(problem.code)) return { phase: 'refused', since: now, problem: said(problem) };
  return { phase: 'offline', since: before?.phase === 'offline' ? before.since : now, problem: said(problem) };
}
