import { DAY, instant } from '../dates.js';
import type { Judges } from '../kinds.js';
import type { BackupServer, Cals, PoolKey } from '../model.js';
import { allow, type Question } from '../question.js';
import { askedServer, keyOn } from './stock.js';

const MINUTE = 60_000;

/** The quota that counts on the server. */
export interface DailyCheckParams {
  /** It arrives with the daily check, on the server's own clock, whether or not that was recorded (rules 1.8); with
   * *Update*; or with the key when it is applied. `HH:MM`. */
  'server.quota': { readonly dailyCheck: string };
}

export const dailyCheckKinds: Judges<DailyCheckParams> = {
  'server.quota': (question, row) => {
    const server = askedServer(question);
    const key = keyOn(question, server);
    if (key === undefined) return undefined;
    return allow(row, { value: { quota: quotaAt(key, lastFetch(question, server, row.dailyCheck)) } });
  },
};

/** The latest time, in ms, at which the server fetched its quota. */
function lastFetch(question: Question, server: BackupServer, dailyCheck: string): number {
  const fetches = [server.lastUpdateAt, server.applied?.at]
    .flatMap((at) => (typeof at === 'string' ? [instant(at)] : []))
    .filter((at) => question.clock.reached(at));
  return Math.max(lastDailyCheck(question, server, dailyCheck), ...fetches);
}

/** The last 08:01 of the server, in ms; a server that does not tell its offset is counted in UTC. */
function lastDailyCheck(question: Question, server: BackupServer, dailyCheck: string): number {
  const offset = (server.utcOffsetMinutes ?? 0) * MINUTE;
  const [hours, minutes] = dailyCheck.split(':').map(Number) as [number, number];
  const timeOfDay = (hours * 60 + minutes) * MINUTE;
  const midnight = Math.floor((question.clock.now + offset) / DAY) * DAY - offset;
  const today = midnight + timeOfDay;
  question.clock.reached(today + DAY);
  return question.clock.reached(today) ? today : today - DAY;
}

/** The quota of a key as it was at an instant; before its first known change, the first one. */
function quotaAt(key: PoolKey, at: number): Cals {
  const changes = [...(key.quotaHistory ?? [])].sort((one, other) => instant(one.at) - instant(other.at));
  const reached = changes.filter((change) => instant(change.at) <= at);
  return (reached.at(-1) ?? changes[0] ?? key).quota;
}
