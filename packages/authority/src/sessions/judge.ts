import type { Message } from '@leasehold/protocol';
import type { Facts } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import { at } from '../facts.js';
import { licenseFact, type MachineLicenseRow } from '../licenses/machine-license.js';
import { findMedium } from '../media/rows.js';
import type { Reader } from '../store/index.js';
import { sessionFact, type SessionColumns } from './session.js';

interface Asked extends Pick<Message<'SessionStartRequest'>, 'media' | 'machine' | 'machineOs'> {
  readonly license: MachineLicenseRow;
  readonly live: SessionColumns | undefined;
}

/** What the rules may know when a technician wants to start work (AIP-9.2 to AIP-9.7). */
export async function startFacts(
  reader: Reader,
  account: Account,
  { license, live, media: mediaId, machine, machineOs }: Asked,
  now: number,
): Promise<Facts> {
  const medium = await findMedium(reader, account.account, mediaId);
  const stamp = medium === undefined ? 'missing' : medium.valid_until > now ? 'valid' : 'expired';
  const bound = license.bound_id === null ? null : ({ type: 'technician', id: license.bound_id } as const);
  return at(
    {
      profile: 'aip',
      machines: [{ id: machine, kind: 'physical', os: machineOs }],
      licenses: [{ ...licenseFact(license, bound), id: license.id }],
      media: [{ id: mediaId, base: medium?.base ?? 'linux', stamp }],
      sessions: live === undefined ? [] : [sessionFact(live, now)],
      policy: account.policy,
      account: { timeZone: account.timeZone },
    },
    now,
  );
}
