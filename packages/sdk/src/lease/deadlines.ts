import { KEYSET_WARN_DAYS, LeaseholdError } from '@leasehold/protocol';
import type { Installation } from '../machine/installation.js';
import { iso } from '../decision/facts.js';
import type { ProblemLog } from '../problem-log.js';

const DAY = 86_400_000;
/** Days before the end of a lease that is not renewed at which an admin is told, once each. */
const LEVELS = [1, 3, 7];
/** The same of the authority's keyset, which only the vendor renews. */
const KEYSET_LEVELS = [7, 30, KEYSET_WARN_DAYS];
/** A lease is renewed daily; only one that missed its day is worth a word, so a healthy agent is silent. */
const MISSED = 1.5 * DAY;

/** Tells of what will stop something: the lease of an agent that cannot reach its authority, the authority's own keys. */
export class Deadlines {
  readonly #installation: Installation;
  readonly #problems: ProblemLog;

  constructor(installation: Installation, problems: ProblemLog) {
    this.#installation = installation;
    this.#problems = problems;
  }

  look(): void {
    const { now } = this.#installation.moment();
    this.#lookAtLease(now);
    this.#lookAtKeyset(now);
  }

  #lookAtLease(now: number): void {
    const { document, standing, notices } = this.#installation;
    const ends = standing.rights?.endsAt ?? Number.POSITIVE_INFINITY;
    // A contact in the time to come was noted by a clock that stood ahead.
    const missed = document.contactAt !== null && Math.abs(now - document.contactAt) > MISSED;
    const level = missed ? LEVELS.find((days) => ends - now <= days * DAY) : undefined;
    // A nearer level is news again; how far it has come outlasts a restart.
    const news = notices.isNewsAbout('lease', level === undefined ? null : { cause: 'lease', days: level });
    if (level === undefined) {
      this.#problems.cured('lease');
      return;
    }
    const word = now < ends ? 'ends' : 'has ended';
    this.#problems.note(
      'lease',
      new LeaseholdError('TOKEN_EXPIRED', `The lease ${word} at ${iso(ends)}: no check-in has renewed it.`, {
        remedy: 'Let this machine reach its authority; backups stop with the lease, restores do not.',
      }),
      news,
    );
  }

  #lookAtKeyset(now: number): void {
    const { trust, notices } = this.#installation;
    const ends = (trust.keyset?.claims.exp ?? Number.POSITIVE_INFINITY) * 1000;
    const level = KEYSET_LEVELS.find((days) => ends - now <= days * DAY);
    const news = notices.isNewsAbout('keyset', level === undefined ? null : { cause: 'keyset', days: level });
    if (level === undefined) {
      this.#problems.cured('keyset');
      return;
    }
    this.#problems.note(
      'keyset',
      new LeaseholdError('KEYSET_EXPIRED', `The keys of the authority end at ${iso(ends)}.`, {
        remedy: 'Ask the vendor to sign a new keyset: without one no new lease is issued. Leases that are held go on.',
      }),
      news,
    );
  }
}
