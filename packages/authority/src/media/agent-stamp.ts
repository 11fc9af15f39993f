import { LeaseholdError, type MediaClaims, type Message } from '@leasehold/protocol';
import { decide, isAllowed, type License, type MspLicense } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { at, coverRequest, factsFor, type KnownFacts } from '../facts.js';
import { assertProduct } from '../instances/activate.js';
import { findInstance, holdInstance, type InstanceRow } from '../instances/instance.js';
import { endOf } from '../licenses/insert.js';
import { assertNewId } from '../serving/new-id.js';
import { refusal } from '../serving/refusal.js';
import type { Reader, Tx } from '../store/index.js';
import { issuePassport, type Stamped } from './passport.js';
import { findMedium } from './rows.js';

interface Asked {
  readonly account: string;
  readonly jkt: string;
  readonly request: Message<'AgentStamp'>;
}
export type AgentStampAsked = Asked & Pick<Stamped, 'codes' | 'codeKid'>;

/** Stamps a medium on a licensed machine (AIP-9.1): the machines of its own company are named, and nobody else's. A medium
 * that somebody else stamped is left to him. */
export async function agentStamp(
  tx: Tx,
  { codes, codeKid, ...asked }: AgentStampAsked,
  now: number,
): Promise<MediaClaims> {
  const { account, request } = asked;
  await holdInstance(tx, account, request.instance);
  const { row, known } = await assertMayStamp(tx, { ...asked, now });
  const { media, base, licensee, validDays } = request;
  const own = await accountOf(tx, account);
  const endsBy = trialEnd(known, own.timeZone, now);
  const stamped = { media, base, licensee, validDays, endsBy, codes, codeKid, pinHash: null, company: row.company_id };
  return issuePassport(tx, own, stamped, actorOf(row), now);
}

const actorOf = ({ id }: InstanceRow): string => `instance:${id}`;

/** Asked before the codes are made, too: that is some hundred thousand hashes, which nobody else shall have us make.
 * @throws LeaseholdError NOT_ACTIVATED, REFUSED, CONFLICT */
export async function assertMayStamp(
  reader: Reader,
  { account, jkt, request, now }: Asked & { readonly now: number },
): Promise<{ readonly row: InstanceRow; readonly known: KnownFacts }> {
  assertNewId(request.media, 'a boot medium', 'media');
  const row = await findInstance(reader, account, request.instance);
  await assertProduct(reader, account, request.product);
  if (row === undefined || row.jkt !== jkt || row.state !== 'active') {
    throw new LeaseholdError('NOT_ACTIVATED', 'Only a machine that is activated stamps boot media.', {
      path: 'instance',
      remedy: 'Activate this machine with its license key, or stamp the medium in the console.',
    });
  }
  const known = await factsFor(reader, row);
  const decision = decide(at(known.facts, now), coverRequest(known), known.catalog);
  if (!isAllowed(decision)) throw refusal(decision);
  const medium = await findMedium(reader, account, request.media);
  if (medium !== undefined && medium.created_by !== actorOf(row)) {
    throw new LeaseholdError('CONFLICT', 'A medium of this id was stamped by somebody else.', {
      path: 'media',
      remedy: 'Give this one another id.',
    });
  }
  return { row, known };
}

/** The end of the trial that alone covers the machine, epoch ms: a medium says for years that its machines are covered
 * (AIP-9.1), and a trial is over on its day (D-3). Recoveries outlive both (D-1, F-10). */
function trialEnd({ facts, ...known }: KnownFacts, timeZone: string, now: number): number | undefined {
  const licenses = (facts.licenses ?? []) as readonly (License | MspLicense)[];
  const ends = licenses.filter(isTrial).map(({ validUntil }) => endOf(validUntil, timeZone) ?? Infinity);
  if (ends.length === 0) return undefined;
  const bought = { ...facts, licenses: licenses.filter((license) => !isTrial(license)) } as KnownFacts['facts'];
  const decision = decide(at(bought, now), coverRequest({ facts, ...known }), known.catalog);
  return isAllowed(decision) ? undefined : Math.max(...ends);
}

function isTrial(license: License | MspLicense): boolean {
  return 'term' in license ? license.term === 'trial' : license.kind === 'trial';
}
