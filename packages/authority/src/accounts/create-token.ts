import { BY_ROLE, type Change } from '../serving/changes.js';
import { assertCompany } from '../companies/find.js';
import { createToken, expireToken, type TokenInput } from './tokens.js';

type NewToken = Omit<TokenInput, 'account' | 'actor'>;
type Made = { readonly id: string; readonly expiresAt: number };

/** A token for a person or a program. */
export const tokenCreate: Change<NewToken, null, Made> = {
  async judge(reader, { account }, { companyId }) {
    if (companyId !== null) await assertCompany(reader, account, companyId, 'body.companyId');
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, input, _plan, now) {
    await createToken(tx, { ...input, account, actor }, now);
    return { id: input.id, expiresAt: input.expiresAt };
  },
};

/** A new token in place of the caller's own, which ends after an overlap: whoever still uses it has until then. */
export const tokenRotate: Change<NewToken & { readonly old: string; readonly oldEndsAt: number }, null, Made> = {
  judge: () => Promise.resolve({ decision: BY_ROLE, plan: null }),
  async apply(tx, { account, actor }, { old, oldEndsAt, ...input }, _plan, now) {
    await createToken(tx, { ...input, account, actor }, now);
    await expireToken(tx, account, old, oldEndsAt);
    return { id: input.id, expiresAt: input.expiresAt };
  },
};
