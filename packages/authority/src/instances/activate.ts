import { LeaseholdError, type Message } from '@leasehold/protocol';
import type { Decision, Term } from '@leasehold/terms';
import { refusal } from '../serving/refusal.js';
import { accountOf } from '../accounts/account.js';
import { isWithin } from '../companies/reach.js';
import type { ProblemCode } from '@leasehold/protocol';
import { hasEnrolled, isEnrollmentKey } from '../enrollment/enroll.js';
import { setCals } from '../pools/cals.js';
import { appendJournal, RunAgain, type Reader, type Tx } from '../store/index.js';
import { recordRefusals } from '../usage/refusals.js';
import { leaveBranch } from './chain.js';
import { coverOf, judgeCover, type Covered } from './cover.js';
import { draftOf } from './draft.js';
import { entitle, type Entry } from './entitle.js';
import { forkTwin } from './forks.js';
import { likeness, noteComponents, recognize, searchedAs } from './identity.js';
import {
  holdInstance,
  insertInstance,
  reportedOf,
  updateInstance,
  type InstanceRow,
  type Verdict,
} from './instance.js';
import { headColumns, headLease, type Issued } from './lease.js';
import { newOrigin } from './origin.js';
import { followName } from './renamed.js';
import { machineChanged } from './rows.js';
import { licensedCopy, settleFork } from './settle-fork.js';
import { takeTurn } from './turn.js';
import { isTwin, noteKeys } from './twins.js';

export interface Activation {
  readonly account: string;
  /** SHA-256 of the canonical license key. */
  readonly keyHash: string;
  /** Thumbprint of the device key that proved itself. */
  readonly jkt: string;
  /** The id it gets, if this machine was never here. */
  readonly freshId: string;
  readonly request: Omit<Message<'ActivateRequest'>, 'licenseKey'>;
}

export type Answer =
  | { readonly kind: 'issued'; readonly issued: Issued; readonly verdict: Verdict; readonly notices: readonly string[] }
  | {
      readonly kind: 'refused';
      readonly decision: Decision;
      readonly code: ProblemCode;
      readonly reusableFrom: number | null;
    }
  | { readonly kind: 'unknown_key' };

/** Activates an instance by its key. The same machine gets the same seat and the same instance, also with a new device
 * key after its state folder was lost; a repeated request gets the same lease. */
export async function activate(tx: Tx, input: Activation, now: number): Promise<Answer> {
  const { account, jkt, request } = input;
  const entry = await entryOf(tx, account, input.keyHash);
  if (entry === undefined) return { kind: 'unknown_key' };
  await assertProduct(tx, account, request.product);
  await takeTurn(tx, account, request.machine);
  const known = await claimActivation(tx, input, entry);
  if (known !== undefined && (await isRepeated(tx, known, input, entry))) {
    return { kind: 'issued', issued: await headLease(tx, known), verdict: known.verdict, notices: [] };
  }
  const owner = () => known?.company_id ?? companyOfKey(tx, account, entry);
  const draft = await draftOf(tx, { ...input, owner }, known, now);
  if (known !== undefined && (await isTwin(tx, known, jkt))) {
    const twin = await forkTwin(tx, known, draft, input, now);
    return { kind: 'issued', issued: await headLease(tx, twin), verdict: twin.verdict, notices: [] };
  }
  return seat(tx, input, { entry, known, draft }, now);
}

interface Seating {
  readonly entry: Entry;
  /** The machine that it is, if it was here before. */
  readonly known: InstanceRow | undefined;
  readonly draft: InstanceRow;
}

/** Gives the machine what its key has for it, or says why not. */
async function seat(tx: Tx, input: Activation, { entry, known, draft }: Seating, now: number): Promise<Answer> {
  const { account, jkt, request } = input;
  const entitled = await entitle(tx, entry, draft, now);
  if (!entitled.ok) {
    const { decision, code, reusableFrom = null } = entitled;
    if (known === undefined) await dropClaim(tx, input);
    await recordRefusals(tx, account, `device:${jkt}`, [refusedRow(input, known, decision, now)], now);
    return { kind: 'refused', decision, code, reusableFrom };
  }
  const verdict: Verdict =
    known !== undefined && likeness(known, request.machine).verdict === 'drift' ? 'drift' : 'same';
  const covered = await settle(
    tx,
    input,
    { draft, known, columns: { verdict, ...entitled.columns } },
    now,
    entitled.term,
  );
  const { row } = covered;
  const others =
    known === undefined ? [] : [...(await followName(tx, known, row, now)), ...(await settleFork(tx, known, now))];
  appendJournal(tx, account, {
    type: known === undefined ? 'instance.activated' : 'instance.reactivated',
    subject: { type: 'machine', id: row.id },
    actor: `instance:${row.id}`,
    companyId: row.company_id,
    details: { key: entry.kind, ...licenseOf(entry, row), rule: entitled.decision.reason_rule, verdict },
    rows: [machineChanged(row, now), ...(await entitled.rows()), ...others],
  });
  const notices = entitled.decision.warnings ?? [];
  return { kind: 'issued', issued: await headLease(tx, row, covered.known), verdict, notices };
}

function licenseOf({ kind, target }: Entry, row: InstanceRow): Readonly<Record<string, string | null>> {
  return kind === 'enrollment_key' ? { license: row.entitlement_id, enrollmentKey: target } : { license: target };
}

/** What a machine can be activated by. */
const ENTITLING = ['machine_license', 'instance_license', 'pool_key', 'pool_license', 'enrollment_key'] as const;

async function entryOf(tx: Tx, account: string, keyHash: string): Promise<Entry | undefined> {
  const row = await tx.get<{ kind: string; target: string }>(
    'SELECT kind, target FROM directory WHERE hash = ? AND account = ?',
    [keyHash, account],
  );
  const kind = ENTITLING.find((one) => one === row?.kind);
  if (row === undefined || kind === undefined) return undefined;
  if (kind === 'enrollment_key' && !(await isEnrollmentKey(tx, account, row.target, keyHash))) return undefined;
  return { kind, target: row.target };
}

/** One account, one product: a lease of one is worth nothing to another. */
export async function assertProduct(reader: Reader, account: string, product: string): Promise<void> {
  const own = (await accountOf(reader, account)).product;
  if (own === product) return;
  throw new LeaseholdError('TOKEN_FOREIGN', `This authority licenses ${own}, not ${product}.`, {
    path: 'product',
    remedy: 'Check the address of the authority: each product has its own.',
  });
}

async function isRepeated(
  reader: Reader,
  known: InstanceRow,
  { jkt, request }: Activation,
  { kind, target }: Entry,
): Promise<boolean> {
  const isSame =
    known.state === 'active' &&
    known.jkt === jkt &&
    known.lease_nonce === request.chain.nonce &&
    known.lease_parent === request.chain.parent;
  if (!isSame) return false;
  if (known.forked_from !== null && known.entitlement_id === null) return true; // a twin: its reply was lost
  if (kind === 'enrollment_key') return hasEnrolled(reader, known.account, target, known.id);
  return known.entitlement_kind === kind && known.entitlement_id === target;
}

interface Settling {
  readonly draft: InstanceRow;
  readonly known: InstanceRow | undefined;
  /** What its key gave it. */
  readonly columns: Partial<InstanceRow>;
}

/** Stores the instance with the answer of the rules, and roots its chain anew. */
async function settle(
  tx: Tx,
  { account, jkt, request }: Activation,
  { draft, known, columns: entitled }: Settling,
  now: number,
  term: Term | undefined,
): Promise<Covered> {
  const columns = {
    jkt,
    state: 'active',
    host_id: draft.host_id,
    last_seen_at: now,
    origin: newOrigin(request.machine),
    ...licensedCopy(draft),
    ...entitled,
  } as const;
  const entitledDraft = { ...draft, ...columns };
  const head = await headColumns(tx, entitledDraft, request.chain, draft.lease_seq + 1, now, term);
  if (known !== undefined) {
    await leaveBranch(tx, known, now);
    await noteKeys(tx, known, jkt, now);
  }
  if (request.server !== undefined && entitled.entitlement_kind === 'pool_key') {
    await setCals(tx, account, 'key_used', entitled.entitlement_id!, request.server.used);
  }
  const covered = await judgeCover(tx, { ...entitledDraft, ...head }, now);
  if (known === undefined) await insertInstance(tx, covered.row);
  else await updateInstance(tx, known, { ...reportedOf(draft), ...columns, ...head, ...coverOf(covered.row) });
  await noteComponents(tx, account, draft.id, request.machine, known && searchedAs(known));
  return covered;
}

/** The machine that we know, held for this command; or undefined, and the machine that is new is this command's to make.
 * Of the same request sent twice at once, before anything is judged: one makes the instance and takes the seat, the other
 * waits here, runs again and then finds it. Both ways write, so that every answer waits for a synchronous replica. */
async function claimActivation(tx: Tx, input: Activation, entry: Entry): Promise<InstanceRow | undefined> {
  const { account, jkt, request } = input;
  const mayBe = (row: InstanceRow) => reaches(tx, entry, row);
  const known = await recognize(tx, account, request.product, jkt, request.machine, mayBe);
  if (known !== undefined) return holdInstance(tx, account, known.id);
  const key = [account, jkt, request.chain.nonce] as const;
  const claimed = await tx.run(
    `INSERT INTO activations (account, jkt, nonce, instance_id) VALUES (?, ?, ?, ?)
       ON CONFLICT (account, jkt, nonce) DO NOTHING`,
    [...key, input.freshId],
  );
  if (claimed > 0) return undefined;
  const made = await tx.get<InstanceRow>(
    `SELECT i.* FROM activations a JOIN instances i ON i.account = a.account AND i.id = a.instance_id
       WHERE a.account = ? AND a.jkt = ? AND a.nonce = ?`,
    key,
  );
  if (made === undefined || likeness(made, request.machine).verdict !== 'different') throw new RunAgain();
  throw new LeaseholdError('CHAIN_STALE', 'This activation was made before, by a machine with other parts.', {
    path: 'chain.nonce',
    remedy: 'Activate again with a fresh nonce.',
  });
}

/** Is the machine of the key's company, or of one below it? To the key of another it is a stranger: its seat, its name and
 * what it did stay with its own. */
async function reaches(reader: Reader, entry: Entry, { account, company_id: company }: InstanceRow): Promise<boolean> {
  if (company === null) return true;
  const scope = await companyOfKey(reader, account, entry);
  return scope === null || isWithin(reader, account, company, scope);
}

/** Null: the provider's. */
async function companyOfKey(reader: Reader, account: string, { kind, target }: Entry): Promise<string | null> {
  if (kind === 'pool_key' || kind === 'pool_license') return null;
  const key = await reader.get<{ company_id: string | null }>(
    `SELECT company_id FROM ${kind}s WHERE account = ? AND id = ?`,
    [account, target],
  );
  return key?.company_id ?? null;
}

/** Refused: the same request may come again, when a seat is free. */
async function dropClaim(tx: Tx, { account, jkt, request }: Activation): Promise<void> {
  await tx.run('DELETE FROM activations WHERE account = ? AND jkt = ? AND nonce = ?', [
    account,
    jkt,
    request.chain.nonce,
  ]);
}

function refusedRow(
  { request }: Activation,
  known: InstanceRow | undefined,
  decision: Decision,
  now: number,
): Parameters<typeof recordRefusals>[3][number] {
  return {
    id: request.chain.nonce,
    at: now,
    machine: known?.id ?? request.machine.label,
    action: 'license.activate',
    decision,
  };
}

/** A refused activation as the problem that the caller gets. */
export function refusedActivation(answer: Extract<Answer, { kind: 'refused' }>): LeaseholdError {
  const { decision, code, reusableFrom } = answer;
  const found = refusal(decision, code);
  if (code !== 'SEATS_EXHAUSTED') return found;
  const soon = reusableFrom === null ? '' : ` One is free again from ${new Date(reusableFrom).toISOString()}.`;
  return new LeaseholdError('SEATS_EXHAUSTED', `Every seat of this license is taken.${soon}`, {
    ...found.details,
    remedy: 'An administrator of the account can release a machine that is gone, or add seats; then activate again.',
  });
}
