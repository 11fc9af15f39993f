import { isIP } from 'node:net';
import { LeaseholdError, type EventType, type Message } from '@leasehold/protocol';
import { BY_ROLE, changeCommand, type Change } from '../serving/changes.js';
import { appendJournal, journalHead, type Reader, type Tx } from '../store/index.js';
import { bareHost } from './private-networks.js';

type Row = Message<'SubscriptionRow'>;

/** A receiver as it is stored. */
export interface Subscription {
  readonly id: string;
  readonly kind: Row['kind'];
  readonly name: string;
  readonly target: string;
  /** JSON of the event types. */
  readonly events: string;
  readonly state: Row['state'];
  /** Sealed (stored-secrets.ts), as the one before it. */
  readonly secret: string | null;
  readonly old_secret: string | null;
  readonly old_secret_until: number | null;
  readonly seq: number;
  readonly created_at: number;
}

/** A receiver to be added; its target is not judged yet. */
export interface NewSubscription {
  readonly id: string;
  readonly kind: Row['kind'];
  readonly name: string;
  readonly target: string;
  readonly events: readonly string[];
  /** Sealed. */
  readonly secret: string | null;
}

const subscriptionCreate: Change<NewSubscription, null, { readonly id: string }> = {
  judge(_reader, _by, { kind, target }) {
    assertTarget(kind, target);
    return Promise.resolve({ decision: BY_ROLE, plan: null });
  },
  async apply(tx, { account, actor }, { id, kind, name, target, events, secret }, _plan, now) {
    const { seq } = await journalHead(tx, account);
    await tx.run(
      `INSERT INTO subscriptions (account, id, kind, name, target, events, state, secret, seq, created_at)
         VALUES (?, ?, ?, ?, ?, ?, 'active', ?, ?, ?)`,
      [account, id, kind, name, target, JSON.stringify(events), secret, seq, now],
    );
    tell(tx, account, actor, 'subscription.created', id, { kind, events });
    return { id };
  },
};

const subscriptionRotate: Change<
  { readonly id: string; readonly secret: string; readonly oldUntil: number },
  null,
  { readonly id: string }
> = {
  async judge(reader, { account }, { id }) {
    const found = await findSubscription(reader, account, id);
    if (found.kind === 'mail') {
      throw new LeaseholdError('CONFLICT', 'A mailbox has no secret.', { path: 'subscription' });
    }
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { id, secret, oldUntil }) {
    await tx.run(
      `UPDATE subscriptions SET old_secret = secret, old_secret_until = ?, secret = ?, state = 'active'
         WHERE account = ? AND id = ?`,
      [oldUntil, secret, account, id],
    );
    tell(tx, account, actor, 'subscription.rotated', id, {});
    return { id };
  },
};

const subscriptionDelete: Change<{ readonly id: string }, null, { readonly id: string }> = {
  async judge(reader, { account }, { id }) {
    await findSubscription(reader, account, id);
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { id }) {
    await tx.run('DELETE FROM deliveries WHERE account = ? AND subscription_id = ?', [account, id]);
    await tx.run('DELETE FROM subscriptions WHERE account = ? AND id = ?', [account, id]);
    tell(tx, account, actor, 'subscription.deleted', id, {});
    return { id };
  },
};

const deliveryReplay: Change<{ readonly id: string }, { readonly subscription: string }, { readonly id: string }> = {
  async judge(reader, { account }, { id }) {
    const found = await reader.get<{ subscription_id: string }>(
      'SELECT subscription_id FROM deliveries WHERE account = ? AND id = ?',
      [account, id],
    );
    if (found === undefined) throw new LeaseholdError('NOT_FOUND', 'There is no such delivery.', { path: 'delivery' });
    return { decision: BY_ROLE, plan: { subscription: found.subscription_id } };
  },
  async apply(tx, { account, actor }, { id }, { subscription }, now) {
    await tx.run(
      "UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = ?, problem = NULL WHERE account = ? AND id = ?",
      [now, account, id],
    );
    tell(tx, account, actor, 'subscription.replayed', subscription, { delivery: id });
    return { id };
  },
};

/** What owners and operators change of deliveries, by the name of its route. */
export const deliveryCommands = {
  subscriptionCreate: changeCommand(subscriptionCreate),
  subscriptionRotate: changeCommand(subscriptionRotate),
  subscriptionDelete: changeCommand(subscriptionDelete),
  deliveryReplay: changeCommand(deliveryReplay),
};

/** Rejects with NOT_FOUND. */
async function findSubscription(reader: Reader, account: string, id: string): Promise<Subscription> {
  const row = await reader.get<Subscription>('SELECT * FROM subscriptions WHERE account = ? AND id = ?', [account, id]);
  if (row !== undefined) return row;
  throw new LeaseholdError('NOT_FOUND', 'There is no such subscription.', { path: 'subscription' });
}

function assertTarget(kind: Row['kind'], target: string): void {
  if (kind === 'mail') {
    if (/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(target)) return;
    throw new LeaseholdError('INPUT_INVALID', 'A mailbox is one address, like licenses@acme.example.', {
      path: 'body.target',
    });
  }
  const url = URL.canParse(target) ? new URL(target) : undefined;
  const plain = url?.protocol === 'http:' && (isIP(bareHost(url)) !== 0 || url.hostname === 'localhost');
  if (url !== undefined && (url.protocol === 'https:' || plain) && url.username === '' && url.password === '') return;
  throw new LeaseholdError('INPUT_INVALID', 'A webhook is an https address without a password in it.', {
    path: 'body.target',
    remedy: 'Plain http is taken for an IP address only, where private networks are allowed.',
  });
}

function tell(tx: Tx, account: string, actor: string, type: EventType, id: string, details: object): void {
  appendJournal(tx, account, { type, subject: { type: 'subscription', id }, actor, details: { ...details }, rows: [] });
}

/** All receivers, with what waits for them. */
export async function listSubscriptions(
  reader: Reader,
  { account }: { readonly account: string },
): Promise<Message<'SubscriptionList'>> {
  const rows = await reader.all<Subscription>('SELECT * FROM subscriptions WHERE account = ? ORDER BY id LIMIT 200', [
    account,
  ]);
  const counts = await reader.all<{ id: string; state: string; n: number }>(
    `SELECT subscription_id AS id, state, count(*) AS n FROM deliveries WHERE account = ? AND state <> 'delivered'
       GROUP BY subscription_id, state`,
    [account],
  );
  const count = (id: string, state: string): number =>
    counts.find((one) => one.id === id && one.state === state)?.n ?? 0;
  return {
    rows: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      name: row.name,
      target: row.target,
      events: JSON.parse(row.events) as string[],
      state: row.state,
      createdAt: new Date(row.created_at).toISOString(),
      cursor: row.seq,
      waiting: count(row.id, 'waiting'),
      dead: count(row.id, 'dead'),
    })),
  };
}
