import { isNews, warningLevel } from '@leasehold/terms';
import type { Decision, Request, WarningLevel } from '@leasehold/terms';

/** As it stands in the state document: about what, which cause, which step. */
export type NoticeEntry = readonly [about: string, cause: string, days: number | null];

/** A server that asks for thousands of guests remembers the latest this many. */
const MAX_ENTRIES = 5000;

/** Remembers how far each warning has come, so that an admin is told once for each level and not with every job (D-2). */
export class Notices {
  readonly #levels: Map<string, WarningLevel>;

  constructor(entries: readonly NoticeEntry[] = []) {
    this.#levels = new Map(entries.map(([about, cause, days]) => [about, { cause, days }]));
  }

  /** Is this answer to be told? Asking makes it known. */
  isNews(decision: Decision, request: Request, warnDays: readonly number[]): boolean {
    return this.isNewsAbout(aboutWhat(request), warningLevel(decision, warnDays));
  }

  /** The same for what no decision is about; null where there is nothing to tell any more. */
  isNewsAbout(about: string, level: WarningLevel | null): boolean {
    const news = isNews(level, this.#levels.get(about) ?? null);
    this.#levels.delete(about);
    if (level !== null) this.#levels.set(about, level);
    const oldest = this.#levels.keys().next().value;
    if (this.#levels.size > MAX_ENTRIES && oldest !== undefined) this.#levels.delete(oldest);
    return news;
  }

  /** For the state document: the next start goes on from here. */
  get entries(): NoticeEntry[] {
    return [...this.#levels].map(([about, { cause, days }]) => [about, cause, days]);
  }
}

function aboutWhat(request: Request): string {
  const named = [request['machine'], request['instance'], request['server']].find((one) => typeof one === 'string');
  return `${request.action} ${named ?? 'self'}`;
}
