import { own, type Catalog, type Rule } from '../catalog.js';
import { instant } from '../dates.js';
import { decide, rulebookOf } from '../decide.js';
import { isAllowed, type Decision, type Need } from '../decision.js';
import { Ledger } from '../ledger.js';
import type { Request, Term } from '../model.js';
import { TermsError } from '../problem.js';
import { Question } from '../question.js';
import type { Buy, Situation, Step } from './steps.js';

/** Steps that belong together: one way to cure a decision. */
export type Cure = readonly Step[];

/** What a cure is looked for in. */
export interface Context extends Situation {
  readonly decision: Decision;
  readonly catalog: Catalog;
  /** The steps that let another request pass, and that request as it then is asked; undefined: there are none. */
  readonly prepare: (request: Request) => { readonly steps: Cure; readonly request: Request } | undefined;
}

/** A question about these facts, for the judgements that look at a single license. */
export function questionOf({ facts, request, catalog }: Context): Question {
  return new Question(new Ledger(facts), request, rulebookOf(catalog), instant(facts.now));
}

/** Would this be allowed as things stand? A request about something unknown is not. */
export function isOpen({ facts, catalog }: Pick<Context, 'facts' | 'catalog'>, request: Request): boolean {
  try {
    return isAllowed(decide(facts, request, catalog));
  } catch (error) {
    if (error instanceof TermsError) return false;
    throw error;
  }
}

/** Every id that a request names, also in a field like `on` or `scope`. */
export function namedIn(request: Request): ReadonlySet<unknown> {
  const values = Object.values(request);
  return new Set(
    values.map((value) => (typeof value === 'object' && value !== null && 'id' in value ? value.id : value)),
  );
}

/** Ids that are free among the licenses, pools, keys or machines of the facts: `plan-1`, `plan-2` … */
export function freshIds(entries: readonly { readonly id: string }[] | undefined, count: number): readonly string[] {
  const taken = new Set((entries ?? []).map(({ id }) => id));
  const fresh: string[] = [];
  for (let n = 1; fresh.length < count; n += 1) if (!taken.has(`plan-${n}`)) fresh.push(`plan-${n}`);
  return fresh;
}

/** The ways to buy what is missing, by edition and term, the cheapest first where the catalog has prices. */
export function purchases(
  context: Context,
  need: Need,
  bindTo: string,
  rule: string,
): readonly (Buy & { rule: string })[] {
  const licenses = freshIds(context.facts.licenses, need.count);
  const offers = editionsFor(context, need.edition).flatMap((edition) =>
    termsFor(need.term).map((term) => ({ edition, term, price: priceOf(context.catalog, edition, term) })),
  );
  const priced = offers.filter(({ price }) => price !== undefined);
  // With prices the search compares; without, the first edition and term that do are proposed.
  const asked = priced.length > 0 ? priced : offers.slice(0, 1);
  return asked.map(({ edition, term }) => ({ do: 'buy', rule, licenses, edition, term, count: need.count, bindTo }));
}

/** Editions that stand for the needed one: itself, larger ones, and for `any` those of machines. */
export function editionsFor({ catalog }: Context, needed: string): readonly string[] {
  const { editions } = catalog;
  if (needed === 'any') return [...new Set(Object.values(editions?.byOs ?? { any: 'any' }))];
  return needed.split('|').flatMap((edition) => [edition, ...(own(editions?.serves, edition) ?? [])]);
}

/** A perpetual license is the larger right; a subscription is what is usually sold for any term. */
function termsFor(term: Need['term']): readonly Term[] {
  return term === 'any' ? ['subscription', 'perpetual'] : [term];
}

type RowOfKind<Kind extends Rule['kind']> = Extract<Rule, { readonly kind: Kind }>;

/** The rows of one kind, whatever action they speak of: what their parameters say. */
export function rowsOfKind<Kind extends Rule['kind']>({ catalog }: Context, kind: Kind): readonly RowOfKind<Kind>[] {
  const rows = Object.values(catalog.rules).flat();
  return rows.filter((row): row is RowOfKind<Kind> => row.kind === kind);
}

/** What one license costs by the catalog's list; undefined where that has no price for it. */
export function priceOf(catalog: Catalog, edition: string, term: Term): number | undefined {
  return catalog.prices?.find((one) => one.edition === edition && one.term === term)?.price;
}
