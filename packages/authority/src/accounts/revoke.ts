import { BY_ROLE, type Change } from '../serving/changes.js';
import { judgeRevoke, revokeToken } from './tokens.js';

/** Takes a person's token back, at once. */
export const tokenRevoke: Change<{ readonly id: string }, null, { readonly id: string }> = {
  async judge(reader, { account }, { id }, now) {
    await judgeRevoke(reader, account, id, now);
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { id }, _plan, now) {
    await revokeToken(tx, account, id, actor, now);
    return { id };
  },
};
