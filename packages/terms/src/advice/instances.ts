import type { Need } from '../decision.js';
import type { MspLicense } from '../model.js';
import { isOpen, purchases, rowsOfKind, type Context, type Cure } from './context.js';
import { yearAhead } from './carry-out.js';
import type { Step } from './steps.js';

/** Ways to give an instance, or its company, a license: a free one first, the company's own before the global pool. */
export function instanceCures(context: Context, need: Need): readonly Cure[] {
  const rule = context.decision.reason_rule;
  const buys = purchases(context, need, need.bindTo, rule).map((buy): Cure => [buy]);
  const [type, instance = ''] = need.bindTo.split(':');
  if (type !== 'instance') return buys;
  const types = need.edition.split('|');
  const free = freeFor(context, instance, types);
  const assign: Step[] = free === undefined ? [] : [{ do: 'assign', rule, license: free.id, bindTo: need.bindTo }];
  const renew = licensesOf(context)
    .filter(({ assignedTo, type: held }) => assignedTo === instance && types.includes(held))
    .map((ended): Step => ({ do: 'renew', rule, license: ended.id, until: yearAhead(context.facts) }));
  return [...[...assign, ...renew].map((step): Cure => [step]), ...buys];
}

/** A license that cannot be assigned: another free one that can, or one more of a type that the instance takes. */
export function otherLicenseCures(context: Context): readonly Cure[] {
  const { decision, facts, request } = context;
  const rule = decision.reason_rule;
  const instance = facts.instances?.find(({ id }) => id === request['instance']);
  const asked = licensesOf(context).find(({ id }) => id === request['license']);
  if (instance === undefined || asked === undefined) return [];
  const choose = (value: string): Step => ({ do: 'choose', rule, field: 'license', value });
  const free = freeFor(context, instance.id, undefined);
  const only = context.catalog.instanceTypes?.only[instance.os];
  const edition = only?.includes(asked.type) === false ? only.join('|') : asked.type;
  const need: Need = { edition, term: 'any', count: 1, bindTo: `company:${instance.companyId}` };
  return [
    ...(free === undefined ? [] : [[choose(free.id)]]),
    ...purchases(context, need, need.bindTo, rule).map((buy): Cure => [buy, choose(buy.licenses[0] ?? '')]),
  ];
}

/** An order that cannot be taken, in the form in which it can. */
export const orderCures: Readonly<Record<string, (context: Context) => readonly Cure[]>> = {
  QUANTITY: (context) => [ask(context, 'quantity', Math.max(1, Math.ceil(Number(context.request['quantity']))))],
  ADD_ON: (context) => {
    const sold = rowsOfKind(context, 'buy.order').flatMap((row) => row.addOns);
    const addOns = (context.request['addOns'] ?? []) as readonly string[];
    return [
      ask(
        context,
        'addOns',
        addOns.filter((addOn) => sold.includes(addOn)),
      ),
    ];
  },
  // Who pays decides: monthly can be left again, so that it is what a plan proposes.
  PAYMENT_MODE_REQUIRED: (context) => [ask(context, 'paymentMode', 'monthly')],
  PAYMENT_MODE_FIXED: (context) => [ask(context, 'paymentMode', context.facts.account?.paymentMode ?? null)],
};

function ask({ decision }: Context, field: string, value: unknown): Cure {
  return [{ do: 'choose', rule: decision.reason_rule, field, value }];
}

function licensesOf(context: Context): readonly MspLicense[] {
  return (context.facts.licenses ?? []) as readonly MspLicense[];
}

/** The best free license that may be assigned to an instance, of these types or of any. */
function freeFor(context: Context, instance: string, types: readonly string[] | undefined): MspLicense | undefined {
  const owner = context.facts.instances?.find(({ id }) => id === instance)?.companyId;
  const rank = (license: MspLicense): string =>
    [license.companyId !== owner, license.kind !== 'commercial', license.validUntil < yearAhead(context.facts)]
      .map(Number)
      .join('') + license.id;
  return licensesOf(context)
    .filter(({ assignedTo, type }) => assignedTo === null && (types === undefined || types.includes(type)))
    .sort((one, other) => (rank(one) < rank(other) ? -1 : 1))
    .find(({ id }) => isOpen(context, { action: 'license.assign', license: id, instance }));
}
