import { LeaseholdError, type ReplyOf, type RequestOf } from '@leasehold/protocol';
import { advise, apply, decide, isAllowed, readCase, type Catalog, type Facts, type Plan } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';

/** Things that a plan may speak of. A person's form names a handful; a search over more would hold up everyone else. */
const MOST_THINGS = 1000;

type Watched = NonNullable<RequestOf<'advise'>['watch']>[number];

/** A plan by the account's policy and days. Facts are what the caller says: a plan may speak of hardware that is not there
 * yet, and nothing of it is kept. @throws TermsError as `readCase`; LeaseholdError INPUT_INVALID for too many things */
export function adviceFor(ask: RequestOf<'advise'>, account: Account, now: number): ReplyOf<'advise'> {
  const things = Object.values(ask.given).reduce(
    (sum: number, list) => sum + (Array.isArray(list) ? list.length : 0),
    0,
  );
  if (things > MOST_THINGS) {
    throw new LeaseholdError('INPUT_INVALID', `A plan speaks of ${MOST_THINGS} things at most, here of ${things}.`, {
      path: 'given',
      remedy: 'Name only what the change touches, and the licenses that are free.',
    });
  }
  const { policy, timeZone } = account;
  const known = { ...ask.given, now: new Date(now).toISOString(), policy, account: { timeZone } };
  const { facts, request } = readCase({ given: known, when: ask.when });
  const catalog = account.catalogs[facts.profile];
  const plan = advise(facts, request, catalog);
  const { before, possible, steps, after, licenses, price } = plan;
  const cover = (ask.watch ?? []).map((one) => ({ id: one.id, covered: coverOf(one, plan, facts, catalog) }));
  return structuredClone({
    before,
    possible,
    steps,
    after,
    licenses,
    ...(price === undefined ? {} : { price }),
    cover,
  }) as never;
}

/** Covered before the first step, and after each. */
function coverOf(scope: Watched, plan: Plan, facts: Facts, catalog: Catalog): boolean[] {
  return [0, ...plan.steps.map((_step, n) => n + 1)].map((n) => {
    const then = apply({ ...plan, steps: plan.steps.slice(0, n) }, facts);
    return isAllowed(decide(then, { action: 'coverage.check', scope }, catalog));
  });
}
