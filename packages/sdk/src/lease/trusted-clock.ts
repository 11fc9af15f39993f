import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** All times here are milliseconds: `wall` since 1970, `uptime` since the machine started, suspend included. */
export interface Reading {
  readonly wall: number;
  readonly uptime: number;
  /** Changes with every start of the machine; null where the system has none. */
  readonly bootId: string | null;
}

export interface Clock {
  /** The wall time alone: what it costs to ask at each decision. */
  wall(): number;
  /** The whole reading; the uptime costs a look at the system. */
  read(): Reading;
}

/** The clock of this machine. `os.uptime()` and not a monotonic timer, because it counts suspend. */
export function systemClock(bootId: string | null): Clock {
  let isStart = true;
  const secondsUp = (): number => {
    const atStart = isStart ? uptimeAtStart() : undefined;
    isStart = false;
    return atStart ?? uptime();
  };
  return {
    wall: () => Date.now(),
    read: () => ({ wall: Date.now(), uptime: Math.round(secondsUp() * 1000), bootId }),
  };
}

/** The first reading is part of a start, and to load the module of `os.uptime()` costs that ten times the file from which
 * it has its answer on Linux (proc(5), uptime). */
function uptimeAtStart(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const seconds = Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
    return Number.isFinite(seconds) ? seconds : undefined;
  } catch {
    return undefined;
  }
}

/** - `ok`: the clock agrees with what is known;
 * - `behind`: it shows less, by at most a day and not less than a signed time, or it was wrong at the last contact;
 * - `rolled_back`: it shows less by more, so no grace may be counted anew (D-6);
 * - `ahead`: it shows more than the time that is known to have passed. Worth telling only where it changes an answer:
 *   a machine that was switched off for a week looks the same until its first contact. */
export type ClockVerdict = 'ok' | 'behind' | 'ahead' | 'rolled_back';

/** What is kept between readings, and on disk: the highest time that is trusted, and where the machine stood then. */
export interface ClockMark extends Reading {
  /** The last time that an authority signed; null before the first. */
  readonly signed: number | null;
  /** How far the machine's clock was ahead (or, below zero, behind) at that contact, where that was more than SLACK. */
  readonly skew: number;
  /** A jump forward that waits: the time it leads to, and how long the machine has stayed there. */
  readonly jump: (Reading & { readonly held: number }) | null;
}

export interface ClockAnswer {
  /** The time to decide by: never earlier than what is trusted (D-6). */
  readonly now: number;
  readonly verdict: ClockVerdict;
  readonly mark: ClockMark;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Between two readings of one boot the uptime tells how much time passed; this much may be lost to slewing. */
const SLACK = 5 * MINUTE;
/** How long a jump must stand before the mark follows it without a contact. */
const HOLD = DAY;
/** For so long a judgement holds without a look at the uptime, while the wall time runs on evenly. */
const FRESH = 1000;

/** Judges one reading. Without a mark there is nothing to compare with: the clock is believed. */
export function judgeClock(mark: ClockMark | undefined, reading: Reading): ClockAnswer {
  if (mark === undefined) {
    return { now: reading.wall, verdict: 'ok', mark: { signed: null, skew: 0, jump: null, ...reading } };
  }
  const trusted = mark.wall + elapsed(mark, reading);
  if (!isKnownWrong(mark, reading, trusted)) return compare(mark, reading, trusted);
  const answer = compare(mark, { ...reading, wall: reading.wall - mark.skew }, trusted);
  if (answer.verdict !== 'ok') return answer;
  return { ...answer, mark: { ...answer.mark, skew: mark.skew }, verdict: mark.skew > 0 ? 'ahead' : 'behind' };
}

/* Literals of this file name what is new before what they spread: the other way round each has a hidden class of its own. */

/** A signed time replaces the mark, downwards too: it heals a clock that was wrong, and one that the mark followed. */
export function learnSignedTime(reading: Reading, signedTime: number): ClockMark {
  const skew = reading.wall - signedTime;
  return { signed: signedTime, skew: Math.abs(skew) > SLACK ? skew : 0, jump: null, ...reading, wall: signedTime };
}

/** It cannot be earlier than the `iat` of a token whose seal held, whatever the clock says and whatever was deleted. */
export function raiseClock(mark: ClockMark | undefined, reading: Reading, issuedAt: number): ClockMark {
  const base = mark ?? { signed: null, skew: 0, jump: null, ...reading };
  const signed = Math.max(base.signed ?? issuedAt, issuedAt);
  const trusted = base.wall + elapsed(base, reading);
  return issuedAt > trusted ? { ...base, ...reading, wall: issuedAt, signed } : { ...base, signed };
}

/** Reads a mark from disk: undefined for anything that is none. */
export function readClockMark(value: unknown): ClockMark | undefined {
  if (!isReading(value)) return undefined;
  const { wall, uptime: up, bootId, signed, skew, jump } = value as Partial<ClockMark> & Reading;
  if (signed === undefined || (signed !== null && !isInstant(signed))) return undefined;
  if (!isInstant(skew)) return undefined;
  if (jump !== null && !(isReading(jump) && isInstant(jump.held))) return undefined;
  return { wall, uptime: up, bootId, signed, skew, jump };
}

/** Keeps the mark in memory between readings; whoever holds one stores `mark` with the state after each contact and
 * from time to time. */
export class TrustedClock {
  readonly #clock: Clock;
  #mark: ClockMark | undefined;
  #last: (ClockAnswer & { readonly wall: number }) | undefined;

  constructor(clock: Clock, mark?: ClockMark) {
    this.#clock = clock;
    this.#mark = mark;
  }

  /** The time to decide by, and what is to be said of the machine's clock. Read it once for each operation. */
  read(): ClockAnswer {
    const last = this.#last;
    if (last !== undefined) {
      const since = this.#clock.wall() - last.wall;
      if (since >= 0 && since < FRESH) return { now: last.now + since, verdict: last.verdict, mark: last.mark };
    }
    return this.#judge(this.#clock.read());
  }

  #judge(reading: Reading): ClockAnswer {
    const answer = judgeClock(this.#mark, reading);
    this.#keep(answer.mark);
    this.#last = { wall: reading.wall, ...answer };
    return answer;
  }

  /** `signedTime`: from a reply or file whose seal held and that answers our own nonce. */
  learn(signedTime: number): void {
    const reading = this.#clock.read();
    this.#keep(learnSignedTime(reading, signedTime));
    this.#judge(reading);
  }

  /** `signedTime`: from an answer that was signed at some time since it was asked for at `askedAt` (trusted time). A lost
   * reply that is given again, or a file, may have been signed long ago: it tells no more than the span in which now lies.
   * Answers whether it is as old as that, or may be. */
  learnAnswer(signedTime: number, askedAt: number | null): boolean {
    const { now } = this.read();
    const latest = askedAt === null || now < askedAt ? Number.POSITIVE_INFINITY : signedTime + (now - askedAt);
    if (now > latest) this.learn(latest);
    // A fresh one is a contact, and heals: `iat` is of whole seconds, so that it may lie before now.
    else if (now - signedTime <= SLACK) this.learn(signedTime);
    else this.raise(signedTime);
    return this.read().now - signedTime > SLACK;
  }

  /** `issuedAt`: the `iat` of any verified token, old ones too. */
  raise(issuedAt: number): void {
    const reading = this.#clock.read();
    this.#keep(raiseClock(this.#mark, reading, issuedAt));
    this.#judge(reading);
  }

  get mark(): ClockMark | undefined {
    return this.#mark;
  }

  #keep(mark: ClockMark): void {
    this.#mark = mark;
    this.#last = undefined;
  }
}

function compare(mark: ClockMark, reading: Reading, trusted: number): ClockAnswer {
  const difference = reading.wall - trusted;
  const held = { ...mark, ...reading, wall: trusted };
  if (difference < -SLACK) {
    const beforeSigned = mark.signed !== null && reading.wall < mark.signed - SLACK;
    const verdict = beforeSigned || difference < -DAY ? 'rolled_back' : 'behind';
    return { now: trusted, verdict, mark: { ...held, jump: null } };
  }
  // A restart leaves room for the time the machine was off, of which nothing inside it knows.
  if (difference <= (isSameBoot(mark, reading) ? SLACK : DAY)) {
    const now = Math.max(reading.wall, trusted);
    return { now, verdict: 'ok', mark: { ...held, wall: now, skew: 0, jump: null } };
  }
  const jump = standing(mark.jump, reading);
  if (jump.held >= HOLD) {
    return { now: reading.wall, verdict: 'ok', mark: { ...held, wall: reading.wall, skew: 0, jump: null } };
  }
  return { now: reading.wall, verdict: 'ahead', mark: { ...held, jump } };
}

/** The clock still is as wrong as it was at the last contact. After a restart only a clock that was ahead is believed to
 * be so still: one that was behind may have been set, and then nothing would be gained by adding to it. */
function isKnownWrong(mark: ClockMark, reading: Reading, trusted: number): boolean {
  if (mark.skew === 0) return false;
  const rest = reading.wall - mark.skew - trusted;
  return isSameBoot(mark, reading) ? Math.abs(rest) <= SLACK : mark.skew > 0 && rest >= -SLACK;
}

/** Goes on counting where the reading continues the jump that waits, else starts anew. */
function standing(jump: ClockMark['jump'], reading: Reading): Reading & { readonly held: number } {
  if (jump === null) return { held: 0, ...reading };
  const passed = elapsed(jump, reading);
  const difference = reading.wall - jump.wall - passed;
  const room = isSameBoot(jump, reading) ? SLACK : DAY;
  return { held: difference >= -SLACK && difference <= room ? jump.held + passed : 0, ...reading };
}

/** At least this much time passed since `from`: after another start, all of its uptime. */
function elapsed(from: Reading, reading: Reading): number {
  if (isSameBoot(from, reading)) return reading.uptime - from.uptime;
  const memorySnapshotPutBack = reading.bootId !== null && reading.bootId === from.bootId;
  return memorySnapshotPutBack ? 0 : Math.max(0, reading.uptime);
}

/** An uptime that went back is no continuation, whatever the boot id says. */
function isSameBoot(from: Reading, reading: Reading): boolean {
  return from.bootId === reading.bootId && reading.uptime >= from.uptime;
}

function isReading(value: unknown): value is Reading {
  if (typeof value !== 'object' || value === null) return false;
  const { wall, uptime: up, bootId } = value as Partial<Reading>;
  return isInstant(wall) && isInstant(up) && (bootId === null || typeof bootId === 'string');
}

/** Half of the milliseconds around 1970 that a Date goes to (ECMA-262, section 21.4.1.1): what is reckoned from such an
 * instant is one, too. */
const LATEST = 4.32e15;

/** May it be told, and reckoned with, as an instant or a span? Milliseconds. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LATEST;
}
