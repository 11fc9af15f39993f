import { LeaseholdError, type Message } from '@leasehold/protocol';
import { isAllowed, type Decision } from '@leasehold/terms';
import { BY_ROLE, type By, type Change } from '../serving/changes.js';
import { refusal } from '../serving/refusal.js';
import type { Reader, Tx } from '../store/index.js';
import { licenseAssign } from './assign.js';
import { licenseAutoRenew } from './auto-renew.js';
import { licenseOf } from './find-license.js';
import { licenseRelease } from './release.js';
import { licenseReinstate, licenseRevoke } from './revoke.js';

export type Bulk = Pick<Message<'LicensesBulk'>, 'action' | 'items'>;
type Item = Bulk['items'][number];
export type Undo = Message<'BulkReply'>['undo'];

/** One change of a bulk: its decision, and the doing. */
interface Step {
  judge(
    reader: Reader,
    by: By,
    now: number,
  ): Promise<{ readonly decision: Decision; readonly apply: (tx: Tx) => Promise<unknown> }>;
}

function step<Input, Plan, Result>(change: Change<Input, Plan, Result>, input: Input): Step {
  return {
    async judge(reader, by, now) {
      const { decision, plan } = await change.judge(reader, by, input, now);
      return { decision, apply: (tx) => change.apply(tx, by, input, plan, now) };
    },
  };
}

const STEPS: Readonly<Record<Bulk['action'], (item: Item) => Step>> = {
  assign: ({ license, to = '', kind = 'computer' }) => step(licenseAssign, { license, to, kind }),
  release: ({ license }) => step(licenseRelease, { license }),
  auto_renew: ({ license }) => step(licenseAutoRenew, { license, autoRenew: true }),
  no_auto_renew: ({ license }) => step(licenseAutoRenew, { license, autoRenew: false }),
  revoke: ({ license }) => step(licenseRevoke, { license }),
  reinstate: ({ license }) => step(licenseReinstate, { license }),
};

/** One action on many licenses in one transaction: the first that is refused stops them all, and a dry run tells the
 * decision of each. What one item changes the next one sees, therefore each is judged again before it is done. */
export const licensesBulk: Change<Bulk, null, { readonly undo: Undo }> = {
  edits: ({ items }) => items.map(({ license }) => license),
  async judge(reader, by, { action, items }, now) {
    assertOnce(items);
    const decisions: Decision[] = [];
    for (const [index, item] of items.entries()) {
      const { decision } = await located(index, () => STEPS[action](item).judge(reader, by, now));
      if (!by.dryRun) await located(index, async () => assertAllowed(decision));
      decisions.push(decision);
    }
    return { decision: { ...BY_ROLE, value: { decisions } }, plan: null };
  },
  async apply(tx, by, { action, items }, _plan, now) {
    const undo: Item[] = [];
    for (const [index, item] of items.entries()) {
      await located(index, async () => {
        undo.push(...(await before(tx, by.account, action, item)));
        const { decision, apply } = await STEPS[action](item).judge(tx, by, now);
        assertAllowed(decision);
        await apply(tx);
      });
    }
    return { undo: undo.length === 0 ? null : { action: INVERSE[action], items: undo } };
  },
};

const INVERSE = {
  assign: 'release',
  release: 'assign',
  auto_renew: 'no_auto_renew',
  no_auto_renew: 'auto_renew',
  revoke: 'reinstate',
  reinstate: 'revoke',
} as const satisfies Readonly<Record<Bulk['action'], Bulk['action']>>;

/** What puts a license back to where it stands now. Seats are taken again by their machines, not from here. */
async function before(reader: Reader, account: string, action: Bulk['action'], { license: id }: Item): Promise<Item[]> {
  const { kind, row } = await licenseOf(reader, account, id);
  if (action === 'revoke' || action === 'reinstate' || action === 'assign') return [{ license: id }];
  if (kind === 'machine') return [];
  if (action !== 'release') return (row.auto_renew === 1) === (action === 'auto_renew') ? [] : [{ license: id }];
  const { assigned_to: to, assigned_kind: as } = row;
  return to === null ? [] : [{ license: id, to, kind: as ?? 'computer' }];
}

function assertAllowed(decision: Decision): void {
  if (!isAllowed(decision)) throw refusal(decision);
}

function assertOnce(items: Bulk['items']): void {
  const known = new Set<string>();
  for (const [index, { license }] of items.entries()) {
    if (known.has(license))
      throw new LeaseholdError('INPUT_INVALID', `The license ${license} is named twice.`, {
        path: `items[${index}].license`,
        remedy: 'Name each license once.',
      });
    known.add(license);
  }
}

/** What stops one item names its place among them. */
async function located<Value>(index: number, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    if (!LeaseholdError.is(thrown)) throw thrown;
    const { path = 'license' } = thrown.details;
    throw new LeaseholdError(thrown.code, thrown.message, { ...thrown.details, path: `items[${index}].${path}` });
  }
}
