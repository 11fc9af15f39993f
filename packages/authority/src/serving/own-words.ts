import { LeaseholdError } from '@leasehold/protocol';
import { en, explain, type Catalog, type Decision } from '@leasehold/terms';
import type { Services } from '../services.js';

/** A refusal in the words of the vendor's own catalog, where one in force has some for it; any other error as it is. Where
 * they cannot be read, the built-in words stand: they say the same. */
export async function inOwnWords(
  thrown: LeaseholdError,
  { store, account }: Pick<Services, 'store' | 'account'>,
): Promise<LeaseholdError> {
  const decision = thrown.details.decision as Decision | undefined;
  if (decision === undefined) return thrown;
  const own = await store.read('account', { account }).catch(() => undefined);
  const catalogs: Catalog[] = Object.values(own?.catalogs ?? {});
  const plain = explain(decision, en);
  for (const catalog of catalogs.filter(({ messages }) => messages !== undefined)) {
    const { sentence, cure } = explain(decision, en, { catalog });
    if (sentence === plain.sentence && cure === plain.cure) continue;
    // What was made of more than the decision says more than its words.
    const message = thrown.message === plain.sentence ? sentence : thrown.message;
    const remedy = thrown.details.remedy === plain.cure ? cure : thrown.details.remedy;
    return new LeaseholdError(thrown.code, message, { ...thrown.details, ...(remedy === undefined ? {} : { remedy }) });
  }
  return thrown;
}
