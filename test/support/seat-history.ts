import type { EventType } from '@leasehold/protocol';
import { appendJournal, defineRegistry, type Reader, type Tx } from '../../packages/authority/src/store/index.js';
import { registry as base } from './store-registry.js';
import type { Model } from './history.js';

/** The operations of the randomized runs on one license, as commands of the real kind and as a serial model. */
export type SeatOperation =
  | { readonly kind: 'claim'; readonly instance: string; readonly now: number }
  | { readonly kind: 'release'; readonly instance: string }
  | { readonly kind: 'setQuota'; readonly quota: number }
  | { readonly kind: 'setEnd'; readonly endsAt: number }
  | { readonly kind: 'create'; readonly quota: number }
  | { readonly kind: 'delete' }
  | { readonly kind: 'look' };

export interface SeatState {
  readonly license: { readonly quota: number; readonly endsAt: number } | null;
  readonly seats: readonly string[];
}

const NEVER = 1_000_000;

type Step = { readonly state: SeatState; readonly outcome: string };
const refused = (state: SeatState): Step => ({ state, outcome: 'refused' });
const done = (state: SeatState): Step => ({ state, outcome: 'done' });

const STEPS: {
  readonly [K in SeatOperation['kind']]: (state: SeatState, operation: Extract<SeatOperation, { kind: K }>) => Step;
} = {
  claim(state, { instance, now }) {
    const { license, seats } = state;
    if (seats.includes(instance)) return { state, outcome: 'again' };
    if (license === null || seats.length >= license.quota || license.endsAt <= now) return refused(state);
    return done({ license, seats: [...seats, instance].sort() });
  },
  release(state, { instance }) {
    if (!state.seats.includes(instance)) return refused(state);
    return done({ ...state, seats: state.seats.filter((one) => one !== instance) });
  },
  setQuota: (state, { quota }) =>
    state.license === null ? refused(state) : done({ ...state, license: { ...state.license, quota } }),
  setEnd: (state, { endsAt }) =>
    state.license === null ? refused(state) : done({ ...state, license: { ...state.license, endsAt } }),
  create: (state, { quota }) =>
    state.license === null ? done({ ...state, license: { quota, endsAt: NEVER } }) : refused(state),
  delete: (state) =>
    state.license === null || state.seats.length > 0 ? refused(state) : done({ ...state, license: null }),
  look({ license, seats }) {
    const used = license === null ? null : seats.length;
    return { state: { license, seats }, outcome: JSON.stringify([used, license?.quota ?? null, seats]) };
  },
};

export const seatModel: Model<SeatState, SeatOperation> = (state, operation) =>
  STEPS[operation.kind](state, operation as never);

interface Input {
  readonly account: string;
  readonly license: string;
  readonly operation: SeatOperation;
}

class Refused extends Error {}

/** Each operation by one guarded statement for each row it touches. */
const ACTS: {
  readonly [K in Exclude<SeatOperation['kind'], 'look'>]: (
    tx: Tx,
    at: readonly [string, string],
    operation: Extract<SeatOperation, { kind: K }>,
  ) => Promise<number>;
} = {
  async claim(tx, at, { instance, now }) {
    const seated = await tx.run(
      `INSERT INTO seats (account, license_id, instance_id, state, taken_at) VALUES (?, ?, ?, 'held', 0)
         ON CONFLICT (account, license_id, instance_id) DO NOTHING`,
      [...at, instance],
    );
    if (seated === 0) return -1;
    return tx.run(
      `UPDATE machine_licenses SET used = used + 1
         WHERE account = ? AND id = ? AND used < quota AND (ends_at IS NULL OR ends_at > ?)`,
      [...at, now],
    );
  },
  async release(tx, at, { instance }) {
    const left = await tx.run('DELETE FROM seats WHERE account = ? AND license_id = ? AND instance_id = ?', [
      ...at,
      instance,
    ]);
    if (left > 0) await tx.run('UPDATE machine_licenses SET used = used - 1 WHERE account = ? AND id = ?', [...at]);
    return left;
  },
  setQuota: (tx, at, { quota }) =>
    tx.run('UPDATE machine_licenses SET quota = ? WHERE account = ? AND id = ?', [quota, ...at]),
  setEnd: (tx, at, { endsAt }) =>
    tx.run('UPDATE machine_licenses SET ends_at = ? WHERE account = ? AND id = ?', [endsAt, ...at]),
  create: (tx, at, { quota }) =>
    tx.run(
      `INSERT INTO machine_licenses (account, id, edition, term, quota, used, state, ends_at, created_at, updated_at)
         VALUES (?, ?, 'server', 'perpetual', ?, 0, 'active', ?, 0, 0) ON CONFLICT (account, id) DO NOTHING`,
      [...at, quota, NEVER],
    ),
  delete: (tx, at) => tx.run('DELETE FROM machine_licenses WHERE account = ? AND id = ? AND used = 0', [...at]),
};

async function act(tx: Tx, { account, license, operation }: Input): Promise<string> {
  if (operation.kind === 'look') throw new Error('Looking is a query.');
  const changed = await ACTS[operation.kind](tx, [account, license], operation as never);
  if (changed < 0) return 'again';
  if (changed === 0) throw new Refused(operation.kind);
  appendJournal(tx, account, {
    // Events of this registry alone.
    type: operation.kind as string as EventType,
    subject: { type: 'license', id: license },
    actor: 'test',
    details: {},
    rows: [],
  });
  return 'done';
}

async function look(reader: Reader, { account, license }: Omit<Input, 'operation'>): Promise<string> {
  const row = await reader.get<{ used: number; quota: number }>(
    'SELECT used, quota FROM machine_licenses WHERE account = ? AND id = ?',
    [account, license],
  );
  const seats = await reader.all<{ instance_id: string }>(
    'SELECT instance_id FROM seats WHERE account = ? AND license_id = ?',
    [account, license],
  );
  return JSON.stringify([row?.used ?? null, row?.quota ?? null, seats.map((seat) => seat.instance_id).sort()]);
}

/** The second half of the control: takes the seat that was free when it was counted. */
async function takeUnguarded(tx: Tx, { account, license, instance }: Omit<Input, 'operation'> & { instance: string }) {
  await tx.run("INSERT INTO seats (account, license_id, instance_id, state, taken_at) VALUES (?, ?, ?, 'held', 0)", [
    account,
    license,
    instance,
  ]);
  await tx.run('UPDATE machine_licenses SET used = used + 1 WHERE account = ? AND id = ?', [account, license]);
}

export const registry = defineRegistry(
  import.meta.url,
  { createAccount: base.commands.createAccount, act, takeUnguarded },
  { look, verifyWhole: base.queries.verifyWhole },
);
