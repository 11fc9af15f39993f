import { LeaseholdError, type MediaClaims } from '@leasehold/protocol';
import { decide, isAllowed, type Decision, type License } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { assertNewId } from '../serving/new-id.js';
import { at } from '../facts.js';
import { licenseFact, type MachineLicenseRow } from '../licenses/machine-license.js';
import type { Reader } from '../store/index.js';
import { issuePassport, type Stamped } from './passport.js';

interface Plan {
  readonly license: string | undefined;
}

/** Stamps a boot medium: issues its passport, which names the machines it may serve without a network (AIP-9.1, F-10).
 * A technician's medium is judged as such (AIP-9.6, A-14), and may ask for his PIN. */
export const mediaStamp: Change<
  Omit<Stamped, 'license' | 'company'>,
  Plan,
  { readonly id: string; readonly claims: MediaClaims }
> = {
  async judge(reader, { account }, input, now) {
    const { media, technician, pinHash } = input;
    assertNewId(media, 'a boot medium', 'media');
    if (technician !== undefined) return judgeTechnician(reader, await accountOf(reader, account), technician, now);
    if (pinHash === null)
      return { decision: { decision: 'allow', reason_rule: 'AIP-9.1' }, plan: { license: undefined } };
    throw new LeaseholdError('INPUT_INVALID', 'A PIN belongs to a technician: the medium names none.', { path: 'pin' });
  },
  async apply(tx, { account, actor }, input, { license }, now) {
    const claims = await issuePassport(tx, await accountOf(tx, account), { ...input, license }, actor, now);
    return { id: input.media, claims };
  },
};

/** Licenses of one technician that are looked at. */
const LICENSES = 20;

async function judgeTechnician(
  reader: Reader,
  account: Account,
  technician: string,
  now: number,
): Promise<{ decision: Decision; plan: Plan }> {
  const edition = account.catalogs.aip.editions?.technician ?? 'it_pro';
  const rows = await reader.all<MachineLicenseRow>(
    `SELECT * FROM machine_licenses WHERE account = ? AND edition = ? AND bound_type = 'technician' AND bound_id = ?
       ORDER BY coalesce(ends_at, 0) DESC, id LIMIT ?`,
    [account.account, edition, technician, LICENSES],
  );
  // Nobody's license is his (AIP-9.7): no year has ended, so that there is none to renew.
  if (rows.length === 0) {
    const needs = [{ edition, term: 'subscription', count: 1, bindTo: `technician:${technician}` }] as const;
    return { decision: { decision: 'needs', reason_rule: 'AIP-9.7', needs }, plan: { license: undefined } };
  }
  const media = await reader.get<{ n: number }>(
    'SELECT count(*) AS n FROM media WHERE account = ? AND technician_id = ?',
    [account.account, technician],
  );
  const boundTo = { type: 'technician', id: technician } as const;
  const licenses: License[] = rows.map((row) => ({ ...licenseFact(row, boundTo), id: row.id }));
  const { policy, timeZone } = account;
  const facts = at({ profile: 'aip', licenses, policy, account: { timeZone } }, now);
  const asked = { action: 'itpro.media.create', technician, existingMedia: media?.n ?? 0 };
  const judged = licenses.map(({ id: license }) => {
    return { decision: decide(facts, { ...asked, license }, account.catalogs.aip), plan: { license } };
  });
  // The next year's, bought ahead, or a revoked one may end later than the one that is valid.
  return judged.find(({ decision }) => isAllowed(decision)) ?? judged[0]!;
}
