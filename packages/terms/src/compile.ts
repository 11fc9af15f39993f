import { Answers } from './answers.js';
import type { Catalog } from './catalog.js';
import type { Decision } from './decision.js';
import { judge } from './judge.js';
import type { Rulebook } from './kinds.js';
import { Ledger } from './ledger.js';
import type { Known, Profile, Request } from './model.js';
import { TermsError } from './problem.js';
import { Question } from './question.js';

/** The field by which a request of a profile names what it is about. */
const SUBJECT: Readonly<Record<Profile, string>> = {
  aip: 'machine',
  generic: 'machine',
  msp: 'instance',
  lmp: 'server',
};

/** What all handles of a table share; replaced as a whole when the facts change. */
interface State {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly rulebook: Rulebook;
  readonly answers: Answers;
  /** The latest instant at which any handle decided; infinite once the state is replaced, which ends every answer. ms */
  latest: number;
}

/** Unit of a handle's tick, in ms: instants of this century and the next are then small whole numbers. */
const TICK = 4_096;
const LAST_TICK = 2 ** 30 - 1;

/** One request, bound to what is held. Its answer stands until its horizon, and costs two comparisons until then. */
export class Handle {
  // These three are read with every call. Where 100,000 handles are asked at random, what counts is how many places in memory a
  // call touches: a small whole number stands in the handle itself, an instant in a place of its own.
  #state: State;
  /** The answer stands before this tick, as far as the clock has not gone back. */
  #tick: number = 0;
  #answer: Decision | undefined;
  /** Exactly: the answer holds from `#from` on, and before `#until`. Unit: ms since the epoch. */
  #from: number = 0;
  #until: number = 0;
  readonly request: Request;

  constructor(state: State, request: Request) {
    this.#state = state;
    this.request = request;
  }

  /** The frozen answer at a moment, the same object while it stands: nothing is allocated.
   * @param now ms since the epoch @throws TermsError UNKNOWN_ID when the facts no longer hold what the request names */
  decide(now: number): Decision {
    if (now < this.#tick * TICK && now >= this.#state.latest) return this.#answer as Decision;
    return this.#decideAgain(now);
  }

  /** The first moment at which the answer given last may change. Unit: ms since the epoch; infinite: never. */
  get horizon(): number {
    return this.#until;
  }

  #decideAgain(now: number): Decision {
    const { state } = this.#state.table;
    // Shortly before the horizon, or since another handle was asked about a later moment, the exact bounds decide.
    if (state === this.#state && now >= this.#from && now < this.#until) return this.#answer as Decision;
    if (!Number.isFinite(now)) throw new TermsError('INPUT_INVALID', 'now', 'must be milliseconds since the epoch');
    // What cannot be judged leaves no earlier answer standing.
    this.#tick = this.#until = 0;
    this.#state = state;
    const question = new Question(state.ledger, this.request, state.rulebook, now);
    this.#answer = state.answers.keep(judge(question));
    this.#from = now;
    this.#until = question.clock.until;
    this.#tick = Math.min(Math.floor(this.#until / TICK), LAST_TICK);
    state.latest = Math.max(state.latest, now);
    return this.#answer;
  }
}

/** What is held, compiled: it answers from memory, and decides anew only where time or a change of facts asks for it. */
export class Table {
  /** Shared with the handles. */
  state: State;
  readonly #bySubject: Map<string, Map<string, Handle>> = new Map();

  constructor(facts: Known, rulebook: Rulebook) {
    const ledger = new Ledger(facts);
    ledger.indexLicenses();
    this.state = { table: this, ledger, rulebook, answers: new Answers(), latest: 0 };
  }

  /** Binds a request, as `readRequest` has read it. */
  bind(request: Request): Handle {
    return new Handle(this.state, Object.freeze({ ...request }));
  }

  /** The answer to a request that names nothing but its subject: `answer('backup', 'srv1', now)`.
   * @param now ms since the epoch @throws TermsError UNKNOWN_ACTION, UNKNOWN_ID */
  answer(action: string, id: string, now: number): Decision {
    return (this.#bySubject.get(action)?.get(id) ?? this.#bindSubject(action, id)).decide(now);
  }

  /** New facts, or another catalog of the same profile: handles stay bound, and every one of them decides again when it
   * is asked next. */
  load(facts: Known, catalog: Catalog = this.state.rulebook.catalog): void {
    const ledger = new Ledger(facts);
    ledger.indexLicenses();
    this.#renew({ ledger, rulebook: { ...this.state.rulebook, catalog } });
  }

  /** One license has changed, or is new. The cost does not grow with the number of licenses that are held. */
  putLicense(license: NonNullable<Known['licenses']>[number]): void {
    this.state.ledger.putLicense(license.id, license);
    this.#renew({});
  }

  /** One license is gone. */
  removeLicense(id: string): void {
    this.state.ledger.putLicense(id, undefined);
    this.#renew({});
  }

  #renew(changed: Partial<State>): void {
    const before = this.state;
    this.state = { ...before, ...changed, latest: 0 };
    before.latest = Number.POSITIVE_INFINITY;
  }

  #bindSubject(action: string, id: string): Handle {
    const handle = this.bind({ action, [SUBJECT[this.state.ledger.facts.profile]]: id });
    let handles = this.#bySubject.get(action);
    if (handles === undefined) this.#bySubject.set(action, (handles = new Map()));
    handles.set(id, handle);
    return handle;
  }
}
