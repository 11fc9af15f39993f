import { LeaseholdError } from '@leasehold/protocol';
import { readFacts, TermsError, type Policy } from '@leasehold/terms';
import { compareAnswers } from '../catalogs/compare.js';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal } from '../store/index.js';
import { accountOf } from './account.js';

/** Reads the periods and switches of an account by the check that facts go through.
 * @throws LeaseholdError INPUT_INVALID naming the member that is wrong */
export function readPolicy(policy: unknown): Policy {
  const entitlement = { term: 'perpetual', licensed: 1 };
  try {
    return readFacts({ profile: 'generic', now: '2026-01-01T00:00:00Z', policy, entitlement }).policy ?? {};
  } catch (cause) {
    if (!(cause instanceof TermsError)) throw cause;
    throw new LeaseholdError('INPUT_INVALID', `The policy is wrong. ${cause.message}`, {
      path: cause.path,
      remedy: 'Name what differs from the rules only; docs/rules.md lists every period and switch.',
      cause,
    });
  }
}

/** What a policy is named by in the journal: whoever edits it says up to where he has seen it. */
const SUBJECT = 'policy';

/** Replaces the policy. Machines are judged by it from their next check-in on; the dry run names those whose answer
 * changes. */
export const policySet: Change<{ readonly policy: Policy }, { readonly before: Policy }, { readonly id: string }> = {
  edits: () => [SUBJECT],
  async judge(reader, { account, dryRun }, { policy }, now) {
    const { policy: before } = await accountOf(reader, account);
    if (!dryRun) return { decision: BY_ROLE, plan: { before } };
    const compared = await compareAnswers(
      reader,
      account,
      null,
      ({ facts, catalog }) => ({ facts: { ...facts, policy }, catalog }),
      now,
    );
    return { decision: { ...BY_ROLE, value: { before, after: policy, ...compared } }, plan: { before } };
  },
  async apply(tx, { account, actor }, { policy }, { before }) {
    await tx.run('UPDATE accounts SET policy = ? WHERE account = ?', [JSON.stringify(policy), account]);
    const subject = { type: SUBJECT, id: SUBJECT };
    appendJournal(tx, account, {
      type: 'policy.changed',
      subject,
      actor,
      details: { before, after: policy },
      rows: [],
    });
    return { id: SUBJECT };
  },
};
