import type { Need } from '../decision.js';
import { editionsFor, isOpen, type Context, type Cure } from './context.js';
import { coverageCures } from './coverage.js';
import { carryOut } from './carry-out.js';
import type { Profile } from '../model.js';
import { instanceCures } from './instances.js';
import { serverCures } from './pools.js';
import type { Step } from './steps.js';

/** Ways to get one thing that is missing; what is missing beside it is looked for when this is there. What fewest licenses
 * serve comes first, so that none of them is spent where others would do. */
export function needCures(context: Context): readonly Cure[] {
  const choice = ({ edition, term }: Need): number =>
    editionsFor(context, edition).length + (term === 'perpetual' ? 0 : 0.5);
  const [need] = [...(context.decision.needs ?? [])].sort((one, other) => choice(one) - choice(other));
  if (need === undefined) return [];
  return need.bindTo === 'pool:default' ? more(context, need) : cures[context.facts.profile](context, need);
}

const cures: Readonly<Record<Profile, (context: Context, need: Need) => readonly Cure[]>> = {
  aip: coverageCures,
  msp: instanceCures,
  lmp: serverCures,
  // Without a profile only instances are counted.
  generic: () => [],
};

/** The fewest licenses that let one more instance in; over-use grows with them (D-4), so that the number is searched. */
function more(context: Context, need: Need): readonly Cure[] {
  const { facts, request, catalog } = context;
  if (facts.entitlement === undefined) return [];
  const { term } = facts.entitlement;
  const buy = (count: number): Step => ({
    do: 'buy',
    rule: context.decision.reason_rule,
    licenses: [],
    edition: need.edition,
    term,
    count,
    bindTo: need.bindTo,
  });
  const enough = (count: number): boolean => isOpen({ catalog, ...carryOut(buy(count), { facts, request }) }, request);
  let [low, high] = [1, Number(request['ordinal'])];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle + 1;
  }
  return enough(low) ? [[buy(low)]] : [];
}
