import type { Decision, Request } from '@leasehold/terms';

/** Days before an end at which an admin is told, once each (D-2). */
const LEVELS = [0, 1, 3, 7, 14, 30];
/** Not met for so long, it is a new matter: a license renewed last year warns again this year. */
const FORGET_AFTER = 7 * 86_400_000;
/** A server that asks for thousands of guests tells of the latest this many. */
const MAX_ENTRIES = 5000;

/** Remembers what was told, so that each warning level reaches the admin once and not with every job. */
export class Notices {
  readonly #told: Map<string, number>;

  constructor(told: readonly (readonly [string, number])[] = []) {
    this.#told = new Map(told);
  }

  /** Is this answer news? Asking makes it known. `now` in epoch milliseconds. */
  isNews(decision: Decision, request: Request, now: number): boolean {
    if (decision.decision === 'allow') return false;
    const key = keyOf(decision, request);
    const last = this.#told.get(key);
    this.#told.delete(key);
    this.#told.set(key, now);
    if (this.#told.size > MAX_ENTRIES) this.#told.delete(this.#told.keys().next().value ?? key);
    return last === undefined || now - last > FORGET_AFTER;
  }

  /** For the state document; the next start goes on from here. */
  entries(now: number): [string, number][] {
    return [...this.#told].filter(([, at]) => now - at <= FORGET_AFTER);
  }
}

function keyOf(decision: Decision, request: Request): string {
  const what = decision.warnings?.join('+') ?? decision.code ?? decision.decision;
  const days = decision.value?.['daysLeft'];
  const level = typeof days === 'number' ? LEVELS.find((step) => days <= step) : undefined;
  const about = request['machine'] ?? request['instance'] ?? request['server'];
  return [decision.reason_rule, what, level ?? '', typeof about === 'string' ? about : ''].join(' ');
}
