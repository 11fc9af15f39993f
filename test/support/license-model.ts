import { sortable } from '../../packages/authority/src/licenses/search-terms.js';
import { nameOf, rowOf } from './license-grid.js';

/** License `n`: by what it is filtered, and its key in each order. */
export function licenseOf(n: number, companies: number, now: number) {
  const [, id, , type, kind, company, holder, computer, user, , endsAt, autoRenew] = rowOf('a', n, companies, now);
  const used = holder === null ? 0 : 1;
  const keys = {
    type,
    id,
    company: company === null ? '' : sortable(nameOf(n % companies, companies)),
    computer: sortable(String(computer ?? '')),
    user: sortable(String(user ?? '')),
    validUntil: endsAt,
    used,
    autoRenew,
  } as Readonly<Record<string, string | number>>;
  return { id: String(id), type, kind, company, used, isExpired: Number(endsAt) <= now, keys };
}
export type License = ReturnType<typeof licenseOf>;

/** By the key, then by the id. */
export function inOrder(licenses: readonly License[], sort: string): License[] {
  const column = sort.replace('-', '');
  const by = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
  const up = licenses.toSorted((a, b) => by(a.keys[column]!, b.keys[column]!) || by(a.id, b.id));
  return sort.startsWith('-') ? up.toReversed() : up;
}

const withWords = (field: string): string[] => [field, ...field.split(/[- ]/)];

/** What the test data say of license `n` (support/license-grid.ts), as whole fields and as words. */
export function wordsOf(n: number, companies: number): string[] {
  const own = [
    `l${String(n).padStart(7, '0')}`,
    n % 1000 === 0 ? 'rare' : ['server', 'desktop', 'vm', 'm365'][n % 4]!,
    ...(n % 5 === 0
      ? []
      : [`company-${n % companies}`, nameOf(n % companies, companies).toLowerCase()].flatMap(withWords)),
  ];
  return n % 3 === 0 ? own : [...own, `pc-${n}`, 'pc', `${n}`, `user${n % 977}`, `i${n}`];
}
