import { LeaseholdError, type Message } from '@leasehold/protocol';
import { decide, isAllowed, type Decision, type Facts } from '@leasehold/terms';
import type { Account } from '../accounts/account.js';
import { at } from '../facts.js';
import { findMachineLicense, licenseFact, type MachineLicenseRow } from '../licenses/machine-license.js';
import { findMedium } from '../media/rows.js';
import { refusal } from '../serving/refusal.js';
import type { Reader } from '../store/index.js';
import { sessionFact, type SessionColumns } from './session.js';

interface Asked extends Pick<
  Message<'SessionStartRequest'>,
  'technician' | 'media' | 'machine' | 'machineOs' | 'operation'
> {
  readonly license: MachineLicenseRow;
  readonly live: SessionColumns | undefined;
}

/** Asks the rules whether a technician may work (AIP-9.2 to AIP-9.7). */
export async function judgeWork(reader: Reader, account: Account, asked: Asked, now: number): Promise<Decision> {
  const { license, technician, media, machine, operation } = asked;
  const request = { action: 'itpro.session.start', license: license.id, technician, media, machine, operation };
  return decide(await workFacts(reader, account, asked, now), request, account.catalogs.aip);
}

async function workFacts(
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

/** What lasts is judged again as its start was: the license may have ended, been revoked or reassigned since, and the medium
 * ended. A restore goes on whatever became of them (D-1), and so does a session of which nobody kept whether it is one: an
 * admin ends it, or the next technician, who takes over (AIP-9.6).
 * @throws LeaseholdError REFUSED */
export async function assertGoesOn(
  reader: Reader,
  account: Account,
  session: SessionColumns,
  now: number,
): Promise<void> {
  const { operation, machine_os: machineOs, technician, media_id: media, machine_id: machine } = session;
  if (operation === null || operation === 'restore' || machineOs === null) return;
  const license = (await findMachineLicense(reader, account.account, session.license_id))!;
  const asked = { license, live: undefined, technician, media, machine, machineOs, operation };
  const decision = await judgeWork(reader, account, asked, now);
  if (!isAllowed(decision)) throw refusedWork(withCause(decision, asked, now));
}

type Causing = Pick<Asked, 'license' | 'live' | 'media'>;

/** What a technician is told, each cause by a code of its own: the same stick in two machines, two sticks, a license that was
 * revoked, has yet to begin, or whose year is over. The rules have one code for the first two and none for the others. */
export function withCause(decision: Decision, asked: Causing, now: number): Decision {
  const cause = causeOf(decision, asked, now);
  return cause === decision.code ? decision : { ...decision, value: { ...decision.value, cause } };
}

function causeOf(
  { code, decision, reason_rule: rule }: Decision,
  { license, live, media }: Causing,
  now: number,
): string | undefined {
  if (code === 'ITPRO_CONCURRENT' && live !== undefined) {
    return live.media_id === media ? 'ITPRO_MEDIUM_ELSEWHERE' : 'ITPRO_TWO_MEDIA';
  }
  if (decision !== 'needs' || rule !== 'AIP-9.4') return code;
  if (license.state === 'revoked') return 'LICENSE_REVOKED';
  return license.starts_at !== null && Date.parse(license.starts_at) > now ? 'LICENSE_NOT_STARTED' : 'ITPRO_YEAR_ENDED';
}

/** The decision travels as the rules spell it; the sentence and the reason are those of its cause. */
export function refusedWork(decision: Decision): LeaseholdError {
  const { cause } = (decision.value ?? {}) as { readonly cause?: string };
  const { code, message, details } = refusal(cause === undefined ? decision : { ...decision, code: cause });
  return new LeaseholdError(code, message, { ...details, decision });
}
