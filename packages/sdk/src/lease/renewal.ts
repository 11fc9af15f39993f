import { LeaseholdError } from '@leasehold/protocol';
import { readActivationKey } from './activation-key.js';
import { activate, checkIn, digestOfKey } from './contact.js';
import type { Contacted, ContactParts } from './contact.js';
import type { Deadlines } from './deadlines.js';
import type { DeviceIdentity } from '../machine/device-identity.js';
import type { Installation } from '../machine/installation.js';
import type { Ownership } from '../state/ownership.js';
import { decisionOf, isDenial } from './denial.js';
import { redateFirstRun } from './first-run-start.js';
import { fetchExtensionNote } from './extension-note.js';
import { asLeaseholdError, notActivated } from '../problem-log.js';
import type { ProblemLog } from '../problem-log.js';
import type { Wire } from '../wire/wire.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Full-jitter back-off: a random wait up to a bound that doubles from the first to the last of these. */
const FIRST_RETRY = MINUTE;
const LAST_RETRY = HOUR;
/** Nobody is obeyed who asks to be left alone for longer. */
const LONGEST_ASKED = 24 * HOUR;
const SHORTEST_WAIT = 1000;
/** Beside another process that writes the folder: how often to look whether it still does, and what it wrote. */
const READ_AGAIN = 10 * MINUTE;
/** The clock mark and the told notices reach the disk at least so often while nothing else is written. */
const TICK = HOUR;
/** A refusal asks the authority at most so often whether it has been cured there. */
const SOON_AT_MOST_EVERY = 10 * MINUTE;
/** A check-in a day is due; only one that was missed is worth a look elsewhere. */
const MISSED = 36 * HOUR;
/** Nobody answered, or somebody else did. */
const UNREACHED = new Set([
  'AUTHORITY_UNREACHABLE',
  'BAD_CERTIFICATE',
  'CLOCK_BREAKS_TLS',
  'GUARD_FAILED',
  'PAYLOAD_TOO_LARGE',
  'TIMEOUT',
]);
/** The authority no longer knows this branch of the chain: the license key finds the seat again. */
const LOST_BRANCH = new Set(['INSTANCE_UNKNOWN', 'CHAIN_STALE', 'FORBIDDEN']);

export interface RenewalParts extends Omit<ContactParts, 'trust' | 'clock'> {
  readonly installation: Installation;
  readonly identity: DeviceIdentity;
  readonly ownership: Ownership;
  readonly problems: ProblemLog;
  readonly deadlines: Deadlines;
  readonly random: (size: number) => Uint8Array;
  readonly wire: Wire;
  /** Something that answers rest on has changed. */
  readonly onChange: () => void;
}

/** Keeps the lease alive: when to go online, with what, and what to make of the answer. Its timers never hold a process. */
export class Renewal {
  readonly #parts: RenewalParts;
  readonly #stopped: AbortController = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: { readonly byPerson: boolean; readonly end: Promise<LeaseholdError | undefined> } | undefined;
  #failures = 0;
  /** Undefined until a contact or a refusal sets it: until then what the authority said last holds. */
  #next: { readonly at: number; readonly from: number } | undefined;
  #lastTry: number = Number.NEGATIVE_INFINITY;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** When the next attempt is due, epoch milliseconds: at once where the authority never said anything. What was reckoned
   * at a later time than now, by a clock that stood ahead and was set right, says nothing. */
  get nextAt(): number {
    const now = this.#now();
    if (this.#next !== undefined && this.#next.from <= now) return this.#next.at;
    const { renewAfter, contactAt } = this.#parts.installation.document;
    const isAhead = contactAt !== null && contactAt > now;
    return Math.max(isAhead ? now : (renewAfter ?? now), this.#quietUntil);
  }

  #plan(at: number): void {
    this.#next = { at, from: this.#now() };
  }

  /** What a failure left behind, of this process or of one before it. Nothing that far ahead was written by a right clock. */
  get #quietUntil(): number {
    const { quietUntil } = this.#parts.installation.document;
    return quietUntil === null || quietUntil > this.#now() + LONGEST_ASKED ? Number.NEGATIVE_INFINITY : quietUntil;
  }

  /** Begins to wait for the next attempt. */
  start(): void {
    this.#schedule();
  }

  /** Goes online now, or joins who is online already. Resolves with what went wrong, if anything; never rejects.
   * `byPerson`: also takes a seat again that was given back. */
  check(byPerson = false): Promise<LeaseholdError | undefined> {
    const running = this.#running;
    if (running !== undefined && byPerson && !running.byPerson) return running.end.then(() => this.check(true));
    this.#running ??= { byPerson, end: this.#run(byPerson) };
    return this.#running.end;
  }

  /** Something was refused that a change at the authority may have cured: asks again before long (D-12). */
  soon(): void {
    const since = this.#now() - this.#lastTry;
    if ((since >= 0 && since < SOON_AT_MOST_EVERY) || this.#now() < this.#quietUntil) return;
    this.#plan(Math.min(this.nextAt, this.#now() + this.#jitter(MINUTE)));
    this.#schedule();
  }

  /** Breaks off what is under way and waits for its end. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped.abort();
    await this.#running?.end;
  }

  /** In steps: a timer knows nothing of suspend, the clock does. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped.signal.aborted) return;
    const wait = Math.min(Math.max(this.nextAt - this.#now(), SHORTEST_WAIT), TICK);
    this.#timer = setTimeout(() => void this.#wake(), wait).unref();
  }

  async #wake(): Promise<void> {
    if (this.#now() >= this.nextAt) {
      await this.check();
      return;
    }
    this.#parts.deadlines.look();
    await this.#parts.installation.save();
    this.#schedule();
  }

  async #run(byPerson: boolean): Promise<LeaseholdError | undefined> {
    try {
      return await this.#contact(byPerson);
    } finally {
      this.#running = undefined;
      this.#schedule();
    }
  }

  async #contact(byPerson: boolean): Promise<LeaseholdError | undefined> {
    const { installation, problems, usage, deadlines, onChange } = this.#parts;
    this.#lastTry = this.#now();
    try {
      // Another process that writes the state folder goes online, and not we.
      if ((await this.#parts.ownership.take()) === 'reader') return await this.#readWhatOthersWrote(byPerson);
      await installation.readAgain();
      const { waiting } = usage.health();
      const { document } = await this.#renewedToday(byPerson);
      installation.reachable = true;
      this.#failures = 0;
      const left = usage.health();
      // A contact takes one batch of one outbox epoch; what is older than the contact itself goes with the next one.
      const older = left.oldest === undefined || Date.parse(left.oldest) <= this.#lastTry;
      const backlog = left.waiting > 0 && left.waiting < waiting && older;
      this.#plan(backlog ? this.#now() : (document.renewAfter ?? this.#now()));
      problems.cured('contact');
      return undefined;
    } catch (cause) {
      const error = asLeaseholdError(cause);
      await this.#failed(error);
      return error;
    } finally {
      deadlines.look();
      onChange();
    }
  }

  /** Where the answer was signed long before it came, the lease in it may be about to end: the next link of the chain gets
   * one of today. */
  async #renewedToday(byPerson: boolean): Promise<Contacted> {
    const renew = async (): Promise<Contacted> => {
      const contacted = await this.#ask(byPerson);
      await this.#parts.installation.adopt(contacted.document, contacted.rights);
      return contacted;
    };
    const contacted = await renew();
    return contacted.isLate ? renew() : contacted;
  }

  /** A person's check is passed on to the process that writes. */
  async #readWhatOthersWrote(byPerson: boolean): Promise<LeaseholdError | undefined> {
    const { ownership, installation } = this.#parts;
    const problem = byPerson ? await ownership.checkByOwner() : undefined;
    await installation.load();
    this.#plan(this.#now() + READ_AGAIN);
    return problem;
  }

  /** A check-in where a lease is held for this license key; an activation where none is, or its branch is lost. */
  async #ask(byPerson: boolean): Promise<Contacted> {
    const { installation, identity } = this.#parts;
    const { document } = installation;
    const { typed, digest: wanted } = await this.#wantedKey();
    const answer = await this.#checkIn(wanted);
    // Given back meanwhile: what comes now is of a seat that may be another's.
    if (document.holding !== null && installation.document.holding === null) throw notActivated();
    if (answer !== undefined && !(answer instanceof LeaseholdError)) return answer;
    if (answer !== undefined && (typed === undefined || !this.#isLost(answer, byPerson))) throw answer;
    if (typed === undefined || (!byPerson && wanted === document.givenBack)) throw notActivated();
    return activate(
      this.#contactParts,
      document,
      { typed, signer: await identity.findOrCreate() },
      this.#stopped.signal,
    );
  }

  /** Is the license key to be tried next? Of what cannot be proved any answer but a renewal is of no use. */
  #isLost({ code }: LeaseholdError, byPerson: boolean): boolean {
    if (this.#parts.installation.standing.rights === undefined) return !UNREACHED.has(code);
    return LOST_BRANCH.has(code) || (byPerson && code === 'NOT_ACTIVATED');
  }

  /** Undefined where there is nothing to renew, or another license is wanted. What is held is renewed also where it cannot
   * be proved any more (another root, a key that was revoked): nobody may be there who knows the license key. */
  async #checkIn(wanted: string | undefined): Promise<Contacted | LeaseholdError | undefined> {
    const { installation, identity } = this.#parts;
    const { document, standing } = installation;
    const { holding } = document;
    if (holding === null || (wanted !== undefined && wanted !== holding.keyDigest)) return undefined;
    const signer = await identity.find().catch(asLeaseholdError);
    if (signer === undefined || signer instanceof LeaseholdError) return signer;
    const held = { holding, rights: standing.rights, signer };
    return checkIn(this.#contactParts, document, held, this.#stopped.signal).catch(asLeaseholdError);
  }

  /** Who waits for a contact holds the process (`waitFor`), and not the contact. */
  get #contactParts(): ContactParts {
    const { installation, settings, transport, chain, machine, usage, refusals } = this.#parts;
    const { trust, clock } = installation;
    const call: ContactParts['transport']['call'] = (route, asked) =>
      transport.call(route, { ...asked, background: true });
    return { settings, transport: { call }, chain, trust, clock, machine, usage, refusals };
  }

  /** The license key of the options and its digest. A typing error in it is a problem; what is held goes on meanwhile. */
  async #wantedKey(): Promise<{ readonly typed?: string; readonly digest?: string }> {
    const { settings, installation, problems } = this.#parts;
    try {
      const typed = await readActivationKey(settings);
      if (typed === undefined) return {};
      const digest = digestOfKey(typed);
      problems.cured('license-key');
      return { typed, digest };
    } catch (error) {
      if (installation.document.holding === null) throw error;
      problems.note('license-key', error);
      return settings.activationKey === undefined ? {} : { typed: settings.activationKey };
    }
  }

  async #failed(error: LeaseholdError): Promise<void> {
    const { installation, problems } = this.#parts;
    const now = this.#now();
    if (problems.get('state') !== error) problems.note('contact', error);
    installation.reachable = !UNREACHED.has(error.code);
    // What is held and cannot be proved says more than that nobody answered.
    if (installation.reachable || installation.document.holding === null) await installation.missing(error.code);
    if (isDenial(error) && installation.standing.rights !== undefined) {
      await installation.deny({ at: now, message: error.message, decision: decisionOf(error) });
    }
    await redateFirstRun(installation);
    if (UNREACHED.has(error.code)) await this.#lookForNote(now);
    // A disk is looked at again in a minute, however long it takes until it is there.
    this.#failures = installation.isUnread ? 1 : this.#failures + 1;
    const bound = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (this.#failures - 1));
    const asked = Math.min((error.details.retryAfterSeconds ?? 0) * 1000, LONGEST_ASKED);
    const wait = this.#jitter(bound);
    this.#plan(now + Math.max(asked, wait));
    // Who starts it anew wants to see soon whether it is cured; a crash loop shall not hammer.
    if (installation.standing.rights !== undefined)
      await installation.keepQuiet(now + Math.max(asked, Math.min(wait, MINUTE)));
  }

  /** Nobody has answered for more than a day: perhaps the vendor has said for how long that is to matter. */
  async #lookForNote(now: number): Promise<void> {
    const { settings, installation, wire } = this.#parts;
    const { contactAt } = installation.document;
    if (settings.extensionNotes === undefined || contactAt === null || now - contactAt < MISSED) return;
    const note = fetchExtensionNote(wire, settings.extensionNotes, this.#stopped.signal);
    await note.then((text) => installation.extend(text)).catch(() => undefined);
  }

  /** Somewhere between nothing and `bound`, so that a thousand agents do not come back together. */
  #jitter(bound: number): number {
    return (Buffer.from(this.#parts.random(4)).readUInt32BE(0) / 0x1_0000_0000) * bound;
  }

  #now(): number {
    return this.#parts.installation.clock.read().now;
  }
}
