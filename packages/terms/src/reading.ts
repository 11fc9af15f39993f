import { isDay, isIso, isTimeZone } from './dates.js';
import type { Collection, Ledger } from './ledger.js';
import { TermsError, type TermsErrorCode } from './problem.js';

/** Where a value stands, and what a reference may point to. */
export interface Place {
  readonly path: string;
  readonly ledger?: Ledger;
}

/** Looks at one untyped value; throws a TermsError that names the place. */
export type Check = (value: unknown, place: Place) => void;

const CODES: Readonly<Record<string, TermsErrorCode>> = { given: 'FACTS_INVALID', catalog: 'CATALOG_INVALID' };

/** Refuses a value. The code follows from where it stands: facts or question. */
export function wrong(place: Place, what: string): never {
  throw new TermsError(CODES[/^[a-z]+/.exec(place.path)?.[0] ?? ''] ?? 'INPUT_INVALID', place.path, what);
}

/** A check by a condition; `what` completes "must be". */
export function expect(holds: (value: unknown) => boolean, what: string | (() => string)): Check {
  return (value, place) => {
    if (holds(value)) return;
    const words = typeof what === 'string' ? what : what();
    wrong(place, value === undefined ? `is missing: give ${words}` : `must be ${words}`);
  };
}

export const text: Check = expect((value) => typeof value === 'string' && value !== '', 'a text that is not empty');
export const anyText: Check = expect((value) => typeof value === 'string', 'a text');
export const flag: Check = expect((value) => typeof value === 'boolean', 'true or false');
export const finite: Check = expect((value) => Number.isFinite(value), 'a finite number');
/** Beyond it a computer counts no single license. */
export const quantity: Check = expect(
  (value) => Number.isFinite(value) && Math.abs(Number(value)) <= Number.MAX_SAFE_INTEGER,
  `a number up to ${Number.MAX_SAFE_INTEGER}`,
);
export const count: Check = expect(
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  'a whole number from 0',
);
/** A hundred years: what is farther away is no period, and leaves the calendar that a computer can count. */
const MOST_DAYS = 36_500;
export const days: Check = expect(
  (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MOST_DAYS,
  `a whole number of days from 0 to ${MOST_DAYS}`,
);
/** A number that a row of a catalog holds: days, hours, years, counts. */
export const amount: Check = expect(
  (value) => Number.isFinite(value) && Number(value) >= 0 && Number(value) <= MOST_DAYS,
  `a number from 0 to ${MOST_DAYS}`,
);
export const positive: Check = expect(
  (value) => Number.isSafeInteger(value) && Number(value) > 0,
  'a whole number from 1',
);
export const notNegative: Check = expect((value) => Number.isFinite(value) && Number(value) >= 0, 'a number from 0');
export const fraction: Check = expect(
  (value) => Number.isFinite(value) && Number(value) >= 0 && Number(value) <= 1,
  'a number from 0 to 1',
);
export const iso: Check = expect(isIso, 'an instant like 2026-06-15T10:00:00Z');
export const day: Check = expect(isDay, 'a calendar day like 2026-06-15');
export const isoOrDay: Check = expect(
  (value) => isDay(value) || isIso(value),
  'an instant like 2026-06-15T10:00:00Z or a day like 2026-06-15',
);

export const timeZone: Check = expect(
  (value) => typeof value === 'string' && isTimeZone(value),
  'an IANA time zone like Europe/Berlin',
);

export function oneOf(...values: readonly string[]): Check {
  return expect(
    (value) => typeof value === 'string' && values.includes(value),
    () => `one of ${values.join(', ')}`,
  );
}

/** Of these nothing is looked at where it is absent: most facts of thousands of guests are. */
const OPTIONAL: WeakSet<Check> = new WeakSet();

/** May be absent. Absent is not null: what is sent must be right. */
export function optional(check: Check): Check {
  const maybe: Check = (value, place) => {
    if (value !== undefined) check(value, place);
  };
  OPTIONAL.add(maybe);
  return maybe;
}

export function nullable(check: Check): Check {
  return (value, place) => {
    if (value !== null) check(value, place);
  };
}

export function listOf(check: Check): Check {
  return (value, place) => {
    if (!Array.isArray(value)) wrong(place, value === undefined ? 'is missing: give a list' : 'must be a list');
    for (const [at, entry] of value.entries()) check(entry, { ...place, path: `${place.path}[${at}]` });
  };
}

/** A list whose entries have an id, each id once: a second one would shadow the first. */
export function entries(check: Check): Check {
  const list = listOf(check);
  return (value, place) => {
    list(value, place);
    const seen = new Set<string>();
    for (const [at, entry] of (value as readonly { readonly id: string }[]).entries()) {
      if (seen.has(entry.id)) {
        throw new TermsError('DUPLICATE_ID', `${place.path}[${at}].id`, `"${entry.id}" is there twice: keep one`);
      }
      seen.add(entry.id);
    }
  };
}

/** An object with these fields; others are left alone, so that later facts do not break an earlier reader. */
export function object(fields: Readonly<Record<string, Check>>): Check {
  // Taken apart with the first value: most processes never meet one of most shapes.
  let checks: readonly (readonly [string, Check])[] | undefined;
  return (value, place) => {
    if (!isRecord(value)) wrong(place, value === undefined ? 'is missing: give an object' : 'must be an object');
    for (const [name, check] of (checks ??= Object.entries(fields))) {
      const own = Object.hasOwn(value, name) ? value[name] : undefined;
      if (own !== undefined || !OPTIONAL.has(check)) check(own, { ...place, path: `${place.path}.${name}` });
    }
  };
}

/** An object without other fields: what is passed over in a filter shows more than was asked for. Facts stay open, because
 * a newer authority may say more. */
export function closed(fields: Readonly<Record<string, Check>>): Check {
  const check = object(fields);
  return (value, place) => {
    check(value, place);
    const odd = Object.keys(value as object).find((name) => !Object.hasOwn(fields, name));
    if (odd !== undefined)
      wrong({ path: `${place.path}.${odd}` }, `is not known: there are ${Object.keys(fields).join(', ')}`);
  };
}

/** An object that maps any name to a value of one sort. */
export function mapOf(check: Check): Check {
  return (value, place) => {
    if (!isRecord(value)) wrong(place, value === undefined ? 'is missing: give an object' : 'must be an object');
    for (const [name, entry] of Object.entries(value)) check(entry, { ...place, path: `${place.path}.${name}` });
  };
}

/** The id of something that the facts hold. */
export function idOf(collection: Collection): Check {
  return (value, place) => {
    text(value, place);
    if (place.ledger?.find(collection, value as string) === undefined) {
      throw new TermsError(
        'UNKNOWN_ID',
        place.path,
        `add "${String(value)}" to given.${collection}, or name one that is there`,
      );
    }
  };
}

/** A `{type, id}` pair; each type with what its id must be. */
export function binding(types: Readonly<Record<string, Check>>): Check {
  const shape = object({ type: oneOf(...Object.keys(types)), id: text });
  return (value, place) => {
    shape(value, place);
    const { type, id } = value as { readonly type: string; readonly id: string };
    types[type]?.(id, { ...place, path: `${place.path}.id` });
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
