import type { Message } from '@leasehold/protocol';
import { decide } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { at } from '../facts.js';
import type { InstanceRow } from '../instances/instance.js';
import type { Reader } from '../store/index.js';
import { instanceLicenseFact, type InstanceLicenseRow } from './instance-license.js';

export interface RequiredAsk {
  readonly account: string;
  readonly type: string;
  readonly until: string;
  readonly company: string | null;
  readonly now: number;
}

/** How many licenses of a type are still to be bought for a day (MSP-5). An instance wants the type of the license that it
 * was given, whether it holds it still or not. */
export async function requiredQuantity(reader: Reader, ask: RequiredAsk): Promise<Message<'RequiredQuantity'>> {
  const { account: id, type, until, company, now } = ask;
  const { timeZone, policy, catalogs } = await accountOf(reader, id);
  const ofCompany = company === null ? '' : 'AND i.company_id = ?';
  const own = company === null ? [] : [company];
  const instances = await reader.all<Pick<InstanceRow, 'id' | 'company_id' | 'os'>>(
    `SELECT i.id, i.company_id, i.os FROM instances i JOIN instance_licenses l ON l.account = i.account
       AND l.id = i.entitlement_id WHERE i.account = ? AND i.state = 'active' AND i.entitlement_kind = 'instance_license'
       AND l.type = ? ${ofCompany} ORDER BY i.id`,
    [id, type, ...own],
  );
  // A company draws its own licenses and those of the global pool (MSP-4, A-16), which another one may have used.
  const { allowGlobalFallback } = { ...catalogs.msp.policy, ...policy };
  const pooled = `l.company_id IS NULL AND (${allowGlobalFallback ? 'l.assigned_to IS NULL OR ' : ''}EXISTS (
    SELECT 1 FROM instances i WHERE i.account = l.account AND i.id = l.assigned_to AND i.company_id = ?))`;
  const licenses = await reader.all<InstanceLicenseRow>(
    `SELECT l.* FROM instance_licenses l WHERE l.account = ? AND l.type = ? AND l.state = 'active'
       ${company === null ? '' : `AND (l.company_id = ? OR (${pooled}))`} ORDER BY l.id`,
    [id, type, ...own, ...own],
  );
  const facts = {
    profile: 'msp' as const,
    instances: instances.map((row) => ({ id: row.id, companyId: row.company_id ?? id, os: row.os, wantsType: type })),
    licenses: licenses.map((row) => instanceLicenseFact(row)),
    policy,
    account: { timeZone },
  };
  const { value } = decide(at(facts, now), { action: 'license.required_quantity', type, until }, catalogs.msp);
  const { required } = value as { readonly required: number };
  const wanting = instances.length;
  return { type, until, wanting, held: wanting - required, required };
}
