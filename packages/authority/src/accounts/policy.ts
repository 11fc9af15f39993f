import { LeaseholdError } from '@leasehold/protocol';
import { readFacts, TermsError, type Policy } from '@leasehold/terms';
import { compareAnswers } from '../catalogs/compare.js';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal } from '../store/index.js';
import { accountOf } from './account.js';

/** Every period and switch that there is. */
const KNOWN: Readonly<Record<keyof Policy, true>> = {
  graceDays: true,
  overuse: true,
  subscriptionTargetHost: true,
  allowGlobalFallback: true,
  lmpLockout: true,
  fingerprintThreshold: true,
  staleDays: true,
  warnDays: true,
  shortageGraceDays: true,
  parallelDays: true,
  releaseReuse: true,
};

/** Reads the periods and switches of an account by the check that facts go through. One that nobody knows would be kept and
 * shown, and do nothing.
 * @throws LeaseholdError INPUT_INVALID naming the member that is wrong */
export function readPolicy(policy: unknown): Policy {
  const names = typeof policy === 'object' && policy !== null ? Object.keys(policy) : [];
  const unknown = names.find((name) => !Object.hasOwn(KNOWN, name));
  if (unknown !== undefined) {
    throw new LeaseholdError('INPUT_INVALID', 'The policy has a member that nobody knows.', {
      path: `policy.${unknown}`.slice(0, 300),
      remedy: `There are ${Object.keys(KNOWN).join(', ')}.`,
    });
  }
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
