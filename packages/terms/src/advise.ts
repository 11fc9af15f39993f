import { carryOut } from './advice/carry-out.js';
import { priceOf, type Context, type Cure } from './advice/context.js';
import { needCures } from './advice/needs.js';
import { refusalCures } from './advice/refusals.js';
import type { Buy, Situation, Step } from './advice/steps.js';
import { own, type Catalog } from './catalog.js';
import { catalogs, decide } from './decide.js';
import { isAllowed, type Decision } from './decision.js';
import type { Facts, Request } from './model.js';

/** What would be needed for a request to be allowed, in the order in which to do it. */
export interface Plan {
  /** How it is answered now. */
  readonly before: Decision;
  /** Is there a way? Where there is none, `steps` is empty. */
  readonly possible: boolean;
  readonly steps: readonly Step[];
  /** The request as it is asked at the end: with what was declared or chosen. */
  readonly request: Request;
  /** How it is answered then; where there is no way, as now. */
  readonly after: Decision;
  /** Licenses to buy or to renew. */
  readonly licenses: number;
  /** By the catalog's list; absent where that lacks a price. */
  readonly price?: number;
}

/** How many situations are looked at before a search gives up: a bound, far beyond any plan that a person would follow. */
const MOST = 400;
/** A change that needs a change that needs a change: key quota, pool quota, pooled license. */
const DEEPEST = 4;

interface Way extends Situation {
  readonly decision: Decision;
  readonly steps: readonly Step[];
  readonly cost: readonly [licenses: number, price: number, steps: number];
}

/** What would I need? The same rules, nothing changed: free licenses serve before bought ones, the fewest licenses come
 * first, then the catalog's prices, then the fewest steps. Every plan has been carried out on a copy of the facts and was
 * allowed there. @throws TermsError as `decide` */
export function advise(facts: Facts, request: Request, catalog: Catalog = catalogs[facts.profile]): Plan {
  const found = search({ facts, request }, catalog, DEEPEST);
  const before = decide(facts, request, catalog);
  if (found === undefined) return { before, possible: false, steps: [], request, after: before, licenses: 0 };
  const [licenses, price] = found.cost;
  const purchases = found.steps.flatMap((step) => purchaseOf(step, facts));
  const priced = purchases.every(({ edition, term }) => priceOf(catalog, edition, term) !== undefined);
  return {
    before,
    possible: true,
    steps: found.steps,
    request: found.request,
    after: found.decision,
    licenses,
    ...(priced && { price }),
  };
}

/** The facts after a plan. @returns a copy; the given facts stay as they are */
export function apply(plan: Plan, facts: Facts): Facts {
  return follow(plan.steps, { facts, request: plan.request }).facts;
}

function follow(steps: readonly Step[], start: Situation): Situation {
  return steps.reduce((situation, step) => carryOut(step, situation), start);
}

/** The cheapest way to an allowed answer: of all ways begun, always the cheapest is followed next. */
function search(start: Situation, catalog: Catalog, depth: number): Way | undefined {
  const open: Way[] = [{ ...start, decision: decide(start.facts, start.request, catalog), steps: [], cost: [0, 0, 0] }];
  const seen = new Set<string>();
  for (let looked = 0; looked < MOST; looked += 1) {
    const way = open.sort(cheapest).shift();
    if (way === undefined) return undefined;
    if (isAllowed(way.decision)) return way;
    const key = JSON.stringify([way.decision, way.request, way.cost]);
    if (seen.has(key)) continue;
    seen.add(key);
    open.push(...curesOf(way, catalog, depth).flatMap((cure) => further(way, cure, catalog)));
  }
  return undefined;
}

function cheapest(one: Way, other: Way): number {
  const at = one.cost.findIndex((part, n) => part !== other.cost[n]);
  return at < 0 ? 0 : (one.cost[at] ?? 0) - (other.cost[at] ?? 0);
}

function further(way: Way, cure: Cure, catalog: Catalog): readonly Way[] {
  const after = follow(cure, way);
  const decision = decide(after.facts, after.request, catalog);
  // A cure after which the same is said of the same request has cured nothing.
  const same = JSON.stringify([decision, after.request]) === JSON.stringify([way.decision, way.request]);
  if (cure.length === 0 || same) return [];
  const [licenses, price, steps] = way.cost;
  const bought = cure.flatMap((step) => purchaseOf(step, way.facts));
  return [
    {
      ...after,
      decision,
      steps: [...way.steps, ...cure],
      cost: [
        licenses + bought.reduce((sum, { count }) => sum + count, 0),
        price +
          bought.reduce((sum, { edition, term, count }) => sum + count * (priceOf(catalog, edition, term) ?? 0), 0),
        steps + cure.length,
      ],
    },
  ];
}

type Purchase = Pick<Buy, 'edition' | 'term' | 'count'>;

/** What a step buys: licenses, or another term of one. Maintenance is no license. */
function purchaseOf(step: Step, facts: Facts): readonly Purchase[] {
  if (step.do === 'buy') return [step];
  const license = step.do === 'renew' ? facts.licenses?.find(({ id }) => id === step.license) : undefined;
  if (license === undefined || 'freeUpgradeUntil' in license) return [];
  if ('edition' in license) return [{ edition: license.edition, term: license.term, count: 1 }];
  return [{ edition: license.type, term: 'subscription', count: 1 }];
}

function curesOf(way: Way, catalog: Catalog, depth: number): readonly Cure[] {
  const { facts, request, decision } = way;
  const prepare: Context['prepare'] = (other) => {
    const found = depth === 0 ? undefined : search({ facts, request: other }, catalog, depth - 1);
    return found && { steps: found.steps.filter(changesFacts), request: found.request };
  };
  const context: Context = { facts, request, decision, catalog, prepare };
  if (decision.decision === 'needs') return needCures(context);
  return own(refusalCures, decision.code ?? '')?.(context) ?? [];
}

function changesFacts(step: Step): boolean {
  return step.do !== 'ask' && step.do !== 'choose' && step.do !== 'declare';
}
