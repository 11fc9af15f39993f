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

/** What all handles of a table share; replaced as a whole when the facts change, which ends every answer at once. */
interface State {
  readonly ledger: Ledger;
  readonly rulebook: Rulebook;
  current: boolean;
}

/** One request, bound to what is held. Its answer stands until its horizon, and costs two comparisons until then. */
export class Handle {
  readonly request: Request;
  readonly #table: Table;
  #state: State;
  #answer: Decision | undefined;
  /** The answer holds from `#from` on, and before `#until`. Unit: ms since the epoch. */
  #from: number = 0;
  #until: number = 0;

  constructor(table: Table, state: State, request: Request) {
    this.#table = table;
    this.#state = state;
    this.request = request;
  }

  /** The frozen answer at a moment, the same object while it stands: nothing is allocated.
   * @param now ms since the epoch @throws TermsError UNKNOWN_ID when the facts no longer hold what the request names */
  decide(now: number): Decision {
    if (now < this.#until && now >= this.#from && this.#state.current) return this.#answer as Decision;
    return this.#decideAgain(now);
  }

  /** The first moment at which the answer given last may change. Unit: ms since the epoch; infinite: never. */
  get horizon(): number {
    return this.#until;
  }

  #decideAgain(now: number): Decision {
    if (!Number.isFinite(now)) throw new TermsError('INPUT_INVALID', 'now', 'must be milliseconds since the epoch');
    this.#state = this.#table.state;
    const question = new Question(this.#state.ledger, this.request, this.#state.rulebook, now);
    this.#until = 0;
    this.#answer = freeze(judge(question));
    this.#from = now;
    this.#until = question.clock.until;
    return this.#answer;
  }
}

/** What is held, compiled: it answers from memory, and decides anew only where time or a change of facts asks for it. */
export class Table {
  /** Shared with the handles. */
  state: State;
  readonly #bySubject: Map<string, Map<string, Handle>> = new Map();

  constructor(facts: Known, rulebook: Rulebook) {
    this.state = { ledger: new Ledger(facts), rulebook, current: true };
    this.state.ledger.indexLicenses();
  }

  /** Binds a request, as `readRequest` has read it. */
  bind(request: Request): Handle {
    return new Handle(this, this.state, Object.freeze({ ...request }));
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
    this.#renew({ ledger, rulebook: { ...this.state.rulebook, catalog }, current: true });
  }

  /** One license has changed, or is new. The cost does not grow with the number of licenses that are held. */
  putLicense(license: NonNullable<Known['licenses']>[number]): void {
    this.state.ledger.putLicense(license.id, license);
    this.#renew({ ...this.state, current: true });
  }

  /** One license is gone. */
  removeLicense(id: string): void {
    this.state.ledger.putLicense(id, undefined);
    this.#renew({ ...this.state, current: true });
  }

  #renew(state: State): void {
    this.state.current = false;
    this.state = state;
  }

  #bindSubject(action: string, id: string): Handle {
    const handle = this.bind({ action, [SUBJECT[this.state.ledger.facts.profile]]: id });
    let handles = this.#bySubject.get(action);
    if (handles === undefined) this.#bySubject.set(action, (handles = new Map()));
    handles.set(id, handle);
    return handle;
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
