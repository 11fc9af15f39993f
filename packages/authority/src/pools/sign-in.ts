import type { Message } from '@leasehold/protocol';
import { decide, isAllowed, type Decision } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { at } from '../facts.js';
import { refusal } from '../serving/refusal.js';
import type { Reader } from '../store/index.js';
import { poolFacts } from './facts.js';
import { listPools } from './list.js';

interface Ask {
  readonly account: string;
  readonly now: number;
}

/** May the pools be looked at? While a pooled license is past its date they are read-only, by default with a warning; under
 * the literal switch (`lmpLockout`) they are closed, and only maintenance can be renewed (LMP-1.7, A-20). */
export async function signIn(reader: Reader, { account, now }: Ask): Promise<Decision> {
  const own = await accountOf(reader, account);
  return decide(at(await poolFacts(reader, own), now), { action: 'portal.login' }, own.catalogs.lmp);
}

/** The pools page. Rejects with REFUSED where the literal switch closes it. */
export async function showPools(reader: Reader, ask: Ask): Promise<Message<'PoolsReply'>> {
  const decision = await signIn(reader, ask);
  if (!isAllowed(decision)) throw refusal(decision);
  return { ...(await listPools(reader, ask)), signIn: structuredClone(decision) as Message<'PoolsReply'>['signIn'] };
}
