import { DAY, instant } from '../dates.js';
import type { Judges } from '../kinds.js';
import type { PoolKey } from '../model.js';
import { allow, refuse, until, warn, type Finding, type Question } from '../question.js';
import { askedKey, askedServer, inheritedDay, isOver, lastContact } from './stock.js';

interface Code {
  readonly code: string;
}
/** Days from today that the console shows (LMP-4.16). */
interface Expiry {
  readonly expiryDays: number;
}
/** Days from the last contact with the license server (LMP-4.16). */
interface LeaseDays {
  readonly leaseDays: number;
}

/** The life of a pool key. */
export interface KeyParams {
  /** A key is applied against the license server only, never by a file (LMP-4.14). */
  'apply.offline': Code;
  /** LMP-4.8; a version that cannot be read is not the one that is needed. */
  'apply.old-server': Code & { readonly lowestVersion: number };
  /** One key, one machine (LMP-P1); applying it again to the same one changes nothing. */
  'apply.key-elsewhere': Code;
  /** Nothing pooled carries it (LMP-4.9). */
  'apply.of-nothing': Code;
  /** The date it inherits is over (LMP-1.6). */
  'apply.past-maintenance': Code;
  'apply.done': Expiry;
  /** LMP-4.16, 4.17: always so many days from today, whenever its server last checked in. */
  'key.shown': Expiry;
  /** In use, and younger than this (LMP-4.13). */
  'key.too-young': Code & { readonly days: number };
  /** While its server may still run on it, its CALs could be spent twice (LMP-4.13, A-25). */
  'key.lease-live': Code & LeaseDays;
  /** Only the server itself gives a key back at once; taken back from elsewhere it may still run there. */
  'key.taken-back': Code & LeaseDays;
  'key.deactivated': object;
  /** Its server runs on until the lease ends, then the key can be deleted (F-12). */
  'key.runs-out': LeaseDays & { readonly warning: string };
}

export const keyKinds: Judges<KeyParams> = {
  'apply.offline': (question, row) => (askedServer(question).online === false ? refuse(row, row.code) : undefined),
  'apply.old-server': (question, row) => {
    const major = Number(/^v?(\d+)/i.exec(askedServer(question).version)?.[1] ?? Number.NaN);
    return major >= row.lowestVersion ? undefined : refuse(row, row.code);
  },
  'apply.key-elsewhere': (question, row) => {
    const key = askedKey(question);
    const elsewhere = key.status === 'in_use' && key.serverId !== askedServer(question).id;
    return elsewhere ? refuse(row, row.code) : undefined;
  },
  'apply.of-nothing': (question, row) =>
    inheritedDay(question, askedKey(question)) === null ? refuse(row, row.code) : undefined,
  'apply.past-maintenance': (question, row) => {
    const day = inheritedDay(question, askedKey(question));
    return day !== null && isOver(question, day) ? refuse(row, row.code) : undefined;
  },
  'apply.done': (question, row) => allow(row, { value: { status: 'in_use', expiryDate: expiryDate(question, row) } }),
  'key.shown': (question, row) => {
    const key = askedKey(question);
    const freeUpgradeUntil = inheritedDay(question, key);
    return allow(row, { value: { status: key.status, expiryDate: expiryDate(question, row), freeUpgradeUntil } });
  },
  'key.too-young': (question, row) => {
    const key = askedKey(question);
    if (key.status === 'not_in_use') return undefined;
    const ends = instant(key.createdAt) + row.days * DAY;
    return question.clock.reached(ends) ? undefined : refuse(row, row.code, until(ends));
  },
  'key.lease-live': (question, row) => refuseLive(question, row),
  'key.taken-back': (question, row) =>
    (question.request['by'] ?? 'server') === 'server' ? undefined : refuseLive(question, row),
  'key.deactivated': (question, row) => {
    askedKey(question);
    return allow(row, { value: { status: 'not_in_use' } });
  },
  'key.runs-out': (question, row) => {
    const key = askedKey(question);
    if (key.status === 'not_in_use') return undefined;
    const ends = leaseEnd(question, key, row);
    return warn(row, [row.warning], { value: { endsAt: new Date(ends).toISOString() }, ...until(ends) });
  },
};

function expiryDate(question: Question, { expiryDays }: Expiry): string {
  return question.clock.dayAhead(expiryDays, question.timeZone);
}

function refuseLive(question: Question, row: Code & LeaseDays & { readonly id: string }): Finding | undefined {
  const key = askedKey(question);
  const ends = leaseEnd(question, key, row);
  return key.status === 'in_use' && !question.clock.reached(ends) ? refuse(row, row.code, until(ends)) : undefined;
}

/** Counted from the last contact (rules 1.8); a key in use that was never in touch counts from its creation. */
function leaseEnd(question: Question, key: PoolKey, { leaseDays }: LeaseDays): number {
  return (lastContact(question, key) ?? instant(key.createdAt)) + leaseDays * DAY;
}
