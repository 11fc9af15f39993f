import type { Facts, MspLicense } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import type { InstanceRow } from '../instances/instance.js';
import type { Reader } from '../store/index.js';

/** A license of one instance (MSP): columns of `instance_licenses`. */
export interface InstanceLicenseRow {
  readonly account: string;
  readonly id: string;
  readonly number: string;
  readonly type: string;
  readonly kind: 'commercial' | 'trial';
  readonly company_id: string | null;
  readonly assigned_to: string | null;
  readonly assigned_kind: 'computer' | 'domain' | null;
  readonly computer_name: string | null;
  readonly os: string | null;
  readonly user_name: string | null;
  readonly valid_until: string;
  readonly ends_at: number;
  readonly auto_renew: number;
  readonly state: 'active' | 'revoked';
  readonly transaction_id: string | null;
  readonly last_released_from: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export async function findInstanceLicense(
  reader: Reader,
  account: string,
  id: string,
): Promise<InstanceLicenseRow | undefined> {
  return reader.get<InstanceLicenseRow>('SELECT * FROM instance_licenses WHERE account = ? AND id = ?', [account, id]);
}

export function instanceLicenseFact(row: InstanceLicenseRow): MspLicense {
  return {
    id: row.id,
    type: row.type,
    kind: row.kind,
    companyId: row.company_id,
    assignedTo: row.assigned_to,
    ...(row.assigned_kind === null ? {} : { assignedKind: row.assigned_kind }),
    computerName: row.computer_name,
    user: row.user_name,
    validUntil: row.valid_until,
    autoRenew: row.auto_renew === 1,
    ...(row.last_released_from === null ? {} : { lastReleasedFrom: row.last_released_from }),
  };
}

/** The instance and the licenses assigned to it; with `candidate`, also a license that it might take. */
export async function instanceLicenseFacts(
  reader: Reader,
  account: Account,
  instance: Pick<InstanceRow, 'id' | 'company_id' | 'os' | 'short_since'>,
  candidate?: InstanceLicenseRow,
): Promise<Omit<Facts, 'now'>> {
  const assigned = await reader.all<InstanceLicenseRow>(
    "SELECT * FROM instance_licenses WHERE account = ? AND assigned_to = ? AND state = 'active' ORDER BY id",
    [account.account, instance.id],
  );
  const licenses = new Map([...assigned, ...(candidate === undefined ? [] : [candidate])].map((row) => [row.id, row]));
  // An instance of nobody's company belongs to the operator: it may take what is bought for no company.
  const companyId = instance.company_id ?? account.account;
  return {
    profile: 'msp',
    companies: [{ id: companyId, name: companyId }],
    instances: [
      {
        id: instance.id,
        companyId,
        os: instance.os,
        ...(instance.short_since === null ? {} : { shortSince: new Date(instance.short_since).toISOString() }),
      },
    ],
    licenses: [...licenses.values()].map((row) => instanceLicenseFact(row)),
    policy: account.policy,
    account: { timeZone: account.timeZone },
  };
}
