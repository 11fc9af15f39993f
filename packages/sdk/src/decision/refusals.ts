import { createHash } from 'node:crypto';
import type { Message } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import { isPlain, isWord } from '../wire/carried.js';
import { iso } from './facts.js';

type RefusalReport = Message<'RefusalReport'>;

/** As many as one check-in carries. */
const MAX = 100;
const HOUR = 3_600_000;

/** What was refused here, for the console: the same refusal once an hour, the latest ones only. Kept in memory: a refusal
 * that is lost at a restart is asked for again by the next job. */
export class Refusals {
  readonly #waiting: Map<string, RefusalReport> = new Map();

  /** What asks for no action at all, or about what is no text, tells an admin nothing. */
  add(action: unknown, decision: Decision, now: number): void {
    const { reason_rule: rule, code = '' } = decision;
    const hour = Math.floor(now / HOUR);
    const id = createHash('sha256')
      .update(JSON.stringify([action, rule, code, hour]))
      .digest('base64url');
    if (this.#waiting.has(id) || !isWord(action) || !isPlain(decision)) return;
    this.#waiting.set(id, {
      id,
      at: iso(now),
      action,
      decision: structuredClone(decision) as RefusalReport['decision'],
    });
    const oldest = this.#waiting.keys().next().value;
    if (this.#waiting.size > MAX && oldest !== undefined) this.#waiting.delete(oldest);
  }

  get batch(): RefusalReport[] {
    return [...this.#waiting.values()];
  }

  /** Forgets what a check-in carried. */
  reported(batch: readonly RefusalReport[]): void {
    for (const { id } of batch) this.#waiting.delete(id);
  }
}
