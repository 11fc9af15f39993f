import { endOfDay, instant } from '../dates.js';
import type { BackupServer, Day, LicensePool, PoolKey, PoolLicense, PoolType } from '../model.js';
import type { Carrier, Question } from '../question.js';
import { pooled } from './cals.js';

/** Every license of the pool profile. */
export function poolLicenses(question: Question): readonly PoolLicense[] {
  return (question.facts.licenses ?? []) as readonly PoolLicense[];
}

/** What the request names. @throws TermsError UNKNOWN_ID */
export function askedLicense(question: Question, field = 'license'): PoolLicense {
  return question.ledger.get('licenses', question.text(field), field) as PoolLicense;
}

/** @throws TermsError UNKNOWN_ID */
export function askedPool(question: Question): LicensePool {
  return question.ledger.get('pools', question.text('pool'), 'pool');
}

/** @throws TermsError UNKNOWN_ID */
export function askedKey(question: Question): PoolKey {
  return question.ledger.get('keys', question.text('key'), 'key');
}

/** @throws TermsError UNKNOWN_ID */
export function askedServer(question: Question): BackupServer {
  return question.ledger.get('servers', question.text('server'), 'server');
}

/** The key that runs on a server; undefined when none does, the authority no longer knows it, it was given up, or it is in
 * use on another server: one key, one machine (LMP-P1), and the checks of the other are not this one's. */
export function keyOn(question: Question, server: BackupServer): PoolKey | undefined {
  const key = server.applied?.kind === 'pool_key' ? question.ledger.find('keys', server.applied.id) : undefined;
  return key?.serverId === server.id ? key : undefined;
}

/** The license that a server runs on by itself, pooled since or not: the license knows, not the server. */
export function licenseOn(question: Question, server: BackupServer): PoolLicense | undefined {
  const { applied } = server;
  if (applied?.kind === 'pool_key') return undefined;
  return question.ledger.find('licenses', applied?.id) as PoolLicense | undefined;
}

/** The type of a key is that of its pool (LMP-4.7). */
export function typeOf(question: Question, key: PoolKey): PoolType | undefined {
  return question.ledger.find('pools', key.poolId)?.type;
}

/** LMP-4.17: the earliest Free Upgrade Until among the pooled licenses, of one type where it is given; null: none is pooled. */
export function earliestFreeUpgrade(licenses: readonly PoolLicense[], type?: PoolType): Day | null {
  const days = pooled(licenses, type).map((license) => license.freeUpgradeUntil);
  return days.reduce<Day | null>((first, day) => (first === null || day < first ? day : first), null);
}

/** The earliest date that a key inherits; null where nothing of its type is pooled. */
export function inheritedDay(question: Question, key: PoolKey): Day | null {
  const type = typeOf(question, key);
  return type === undefined ? null : earliestFreeUpgrade(poolLicenses(question), type);
}

/** Is a Free Upgrade Until day over? The day itself is included. */
export function isOver(question: Question, day: Day): boolean {
  return question.clock.reached(endOfDay(day, question.timeZone));
}

/** A Free Upgrade Until day as the expiry grades look at it (D-2); it has no grace. */
export function carrierOf(question: Question, day: Day): Carrier {
  return { ends: endOfDay(day, question.timeZone), lastDay: day, graceDays: 0 };
}

/** The last time a key was in touch with the license server: its last check or, before the first, its application, which
 * needs the license server too (LMP-4.14). Null when neither is known. */
export function lastContact(question: Question, key: PoolKey): number | null {
  if (key.lastCheckAt !== null && key.lastCheckAt !== undefined) return instant(key.lastCheckAt);
  const applied = question.ledger.find('servers', key.serverId)?.applied;
  return applied?.id === key.id && applied.at !== undefined ? instant(applied.at) : null;
}
