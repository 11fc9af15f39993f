import { DAY, endOfDay, instant } from '../dates.js';
import type { Judges } from '../kinds.js';
import { allow, need, needs, refuse, until, warn, type Question } from '../question.js';
import { askedLicense, askedServer, carrierOf, inheritedDay, isOver, keyOn, lastContact, licenseOn } from './stock.js';

interface Code {
  readonly code: string;
}
/** Days from the last contact with the license server (LMP-4.16). */
interface LeaseDays {
  readonly leaseDays: number;
}

/** What a backup server runs on. */
export interface ServerParams {
  /** It goes on for a while with the license that was pooled under it (LMP-4.5, A-24: to the very instant). */
  'server.pooled-grace': Code & { readonly warning: string };
  /** A license that was never pooled runs its server by itself (LMP-4.1). */
  'server.poolable': object;
  /** Nothing that the license server knows is applied (LMP-3.9); the edition that stands for a pool key. */
  'server.nothing': { readonly edition: string };
  /** On the server a key lives from its last check (LMP-4.16). */
  'server.lease-lapsed': Code & LeaseDays;
  /** Nothing pooled carries its key any more (LMP-4.9). */
  'server.of-nothing': Code;
  /** The date its key inherits is over (LMP-1.6). */
  'server.past-maintenance': Code;
  /** Offline it goes on inside its lease (LMP-4.14), which ends with the Free Upgrade Until day at the latest (rules 1.7). */
  'server.offline': LeaseDays & { readonly warning: string };
  /** It continues with valid maintenance (LMP-1.6). */
  'server.runs': object;
  /** A pooled license on a new installation (LMP-4.4), on an existing one (LMP-4.3). */
  'apply.pooled': Code & { readonly freshInstall: boolean };
  /** One license, one machine (LMP-P1), also for a license that is applied by itself. */
  'apply.license-elsewhere': Code;
}

export const serverKinds: Judges<ServerParams> = {
  'server.pooled-grace': (question, row) => {
    const license = licenseOn(question, askedServer(question));
    if (license?.state !== 'pooled') return undefined;
    const { pooledAt } = license;
    if (pooledAt === null || pooledAt === undefined) return refuse(row, row.code);
    const ends = instant(pooledAt) + question.policy.graceDays.pooled * DAY;
    if (question.clock.reached(ends)) return refuse(row, row.code);
    return warn(row, [row.warning], { value: { daysLeft: question.clock.daysLeft(ends) }, ...until(ends) });
  },
  'server.poolable': (question, row) =>
    licenseOn(question, askedServer(question)) === undefined ? undefined : allow(row),
  'server.nothing': (question, row) => {
    const server = askedServer(question);
    if (keyOn(question, server) !== undefined) return undefined;
    return needs(row, [need(row.edition, `server:${server.id}`)]);
  },
  'server.lease-lapsed': (question, row) => {
    const contact = contactOf(question);
    const live = contact !== null && !question.clock.reached(contact + row.leaseDays * DAY);
    return live ? undefined : refuse(row, row.code);
  },
  'server.of-nothing': (question, row) => (runningDay(question) === null ? refuse(row, row.code) : undefined),
  'server.past-maintenance': (question, row) => {
    const day = runningDay(question);
    return day !== null && isOver(question, day) ? refuse(row, row.code) : undefined;
  },
  'server.offline': (question, row) => {
    const contact = contactOf(question);
    const day = runningDay(question);
    if (askedServer(question).online !== false || contact === null || day === null) return undefined;
    const ends = Math.min(contact + row.leaseDays * DAY, endOfDay(day, question.timeZone));
    return warn(row, [row.warning], { value: { daysLeft: question.clock.daysLeft(ends) }, ...until(ends) });
  },
  'server.runs': (question, row) => {
    const day = runningDay(question);
    return day === null ? undefined : allow(row, { carriers: [carrierOf(question, day)] });
  },
  'apply.pooled': (question, row) => {
    const fresh = askedServer(question).freshInstall === true;
    const refused = askedLicense(question).state === 'pooled' && fresh === row.freshInstall;
    return refused ? refuse(row, row.code) : undefined;
  },
  'apply.license-elsewhere': (question, row) => {
    const { appliedTo } = askedLicense(question);
    const elsewhere = appliedTo !== null && appliedTo !== undefined && appliedTo !== askedServer(question).id;
    return elsewhere ? refuse(row, row.code) : undefined;
  },
};

/** The inherited date of the key that runs on the asked server. */
function runningDay(question: Question): string | null {
  const key = keyOn(question, askedServer(question));
  return key === undefined ? null : inheritedDay(question, key);
}

function contactOf(question: Question): number | null {
  const key = keyOn(question, askedServer(question));
  return key === undefined ? null : lastContact(question, key);
}
