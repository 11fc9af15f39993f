import { LeaseholdError } from '@leasehold/protocol';
import { isAllowed, type Decision } from '@leasehold/terms';
import { assertReach, type Named, type Scope } from '../companies/reach.js';
import { refusal } from './refusal.js';
import { assertUnchanged, type Seen } from './unchanged.js';
import { journalHead, serialize, type Command, type Position, type Reader, type Tx } from '../store/index.js';

/** Who changes what in whose name, and how: `dryRun` answers the decision and changes nothing; a request repeated with
 * the same idempotency key is answered again and not done again. */
export interface By {
  readonly account: string;
  /** `admin:<token id>`. */
  readonly actor: string;
  /** For whom the token acts. */
  readonly scope: Scope;
  /** What the request names: all of it must lie within the scope. */
  readonly named: readonly Named[];
  readonly dryRun: boolean;
  /** A part of what the vendor granted: no license of the operator's own making. */
  readonly granted?: boolean;
  readonly idempotency: { readonly key: string; readonly requestHash: string } | null;
  /** The journal position up to which the caller has seen what it edits (If-Match), or null: it does not ask. */
  readonly seen: Seen | null;
}

/** A change in two steps: what the rules say of it, and then the doing. `plan` carries what was read from one to the
 * other. Both run in one transaction. */
export interface Change<Input, Plan, Result> {
  /** The ids of what is edited: where the caller says what it has seen, these must not have changed since. */
  readonly edits?: (input: Input) => readonly string[];
  judge(reader: Reader, by: By, input: Input, now: number): Promise<{ decision: Decision; plan: Plan }>;
  apply(tx: Tx, by: By, input: Input, plan: Plan, now: number): Promise<Result>;
}

export interface Changed<Result> {
  readonly decision: Decision;
  /** Null on a dry run. */
  readonly result: Result | null;
  /** Where the journal stood before this change. */
  readonly head: Position;
}

/** How long a repeated request is known again: a day. */
const REMEMBERED = 86_400_000;

/** Makes a store command of a change. A refusal by rule is thrown as REFUSED and changes nothing. */
export function changeCommand<Input, Plan, Result>(
  change: Change<Input, Plan, Result>,
): Command<{ readonly by: By; readonly input: Input }, Changed<Result>> {
  return async (tx, { by, input }, now) => {
    await serialize(tx, by.account);
    const { account, epoch, seq } = await journalHead(tx, by.account);
    const head = { account, epoch, seq };
    const before = await recall<Result>(tx, by, now);
    if (before !== undefined) return { ...before, head };
    await assertReach(tx, by);
    const { scope, seen } = by;
    if (seen !== null) await assertUnchanged(tx, { account: by.account, scope, seen }, change.edits?.(input) ?? []);
    const { decision, plan } = await change.judge(tx, by, input, now);
    if (!isAllowed(decision)) throw refusal(decision);
    if (by.dryRun) return { decision, result: null, head };
    const result = await change.apply(tx, by, input, plan, now);
    await remember(tx, by, { decision, result }, now);
    return { decision, result, head };
  };
}

/** The decision of a change that no license rule speaks of: the caller's role allows it. */
export const BY_ROLE: Decision = { decision: 'allow', reason_rule: 'ACCESS' };

async function recall<Result>(
  reader: Reader,
  { account, actor, idempotency }: By,
  now: number,
): Promise<Omit<Changed<Result>, 'head'> | undefined> {
  if (idempotency === null) return undefined;
  const row = await reader.get<{ request_hash: string; outcome: string; expires_at: number }>(
    'SELECT request_hash, outcome, expires_at FROM idempotency WHERE account = ? AND caller = ? AND key = ?',
    [account, actor, idempotency.key],
  );
  if (row === undefined || row.expires_at <= now) return undefined;
  if (row.request_hash !== idempotency.requestHash) {
    throw new LeaseholdError('IDEMPOTENCY_MISMATCH', 'This Idempotency-Key came with another request before.', {
      remedy: 'Use a fresh key for each change; repeat a key only to repeat the very same request.',
    });
  }
  return JSON.parse(row.outcome) as Omit<Changed<Result>, 'head'>;
}

async function remember(tx: Tx, { account, actor, idempotency }: By, outcome: object, now: number): Promise<void> {
  if (idempotency === null) return;
  await tx.run('DELETE FROM idempotency WHERE account = ? AND expires_at <= ?', [account, now]);
  await tx.run(
    `INSERT INTO idempotency (account, caller, key, request_hash, outcome, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
    [account, actor, idempotency.key, idempotency.requestHash, JSON.stringify(outcome), now + REMEMBERED],
  );
}
