import { LeaseholdError, type Message } from '@leasehold/protocol';
import { within, type Scope } from '../companies/reach.js';
import { digestOf } from '../keys/ed25519.js';
import { appendJournal, type Reader, type Tx } from '../store/index.js';

type Role = Message<'TokenRow'>['role'];

/** A person's token as it is pasted: `lha_`, 32 random bytes, and a checksum that tells a torn one from a wrong one. */
const FORM = /^lha_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;

export function formatToken(random: Uint8Array): string {
  const body = Buffer.from(random).toString('base64url');
  return `lha_${body}${checksum(body)}`;
}

/** Is this a whole token of ours? It may still be unknown. */
export function isToken(text: string): boolean {
  const [, body, sum] = FORM.exec(text) ?? [];
  return body !== undefined && checksum(body) === sum;
}

function checksum(body: string): string {
  return digestOf(`leasehold-token ${body}`).slice(0, 6);
}

export interface TokenInput {
  readonly account: string;
  readonly id: string;
  /** SHA-256 of the token: all that is kept of it. */
  readonly hash: string;
  readonly name: string;
  readonly role: Role;
  readonly companyId: Scope;
  readonly expiresAt: number;
  readonly actor: string;
}

export async function createToken(tx: Tx, input: TokenInput, now: number): Promise<void> {
  const { account, id, hash, name, role, companyId, expiresAt } = input;
  await tx.run(
    `INSERT INTO access_tokens (account, id, hash, name, role, company_id, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [account, id, hash, name, role, companyId, now, expiresAt],
  );
  await tx.run("INSERT INTO directory (hash, account, kind, target) VALUES (?, ?, 'token', ?)", [hash, account, id]);
  appendJournal(tx, account, {
    type: 'token.created',
    subject: { type: 'token', id },
    actor: input.actor,
    companyId,
    details: { name, role, companyId, expiresAt: new Date(expiresAt).toISOString() },
    rows: [],
  });
}

/** Lets a token end sooner than it would. */
export async function expireToken(tx: Tx, account: string, id: string, at: number): Promise<void> {
  await tx.run('UPDATE access_tokens SET expires_at = ? WHERE account = ? AND id = ? AND expires_at > ?', [
    at,
    account,
    id,
    at,
  ]);
}

export interface KnownToken {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly role: Role;
  readonly companyId: Scope;
  readonly createdAt: number;
  readonly expiresAt: number;
}

interface Row {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly role: Role;
  readonly company_id: string | null;
  readonly created_at: number;
  readonly expires_at: number;
  readonly last_used_at: number | null;
}

/** The token with this hash, unless it was revoked. */
export async function findToken(
  reader: Reader,
  { account, hash }: { readonly account: string; readonly hash: string },
): Promise<KnownToken | null> {
  const row = await reader.get<Row>(
    `SELECT t.* FROM directory d JOIN access_tokens t ON t.account = d.account AND t.id = d.target
       WHERE d.hash = ? AND d.account = ? AND d.kind = 'token' AND t.revoked_at IS NULL`,
    [hash, account],
  );
  return row === undefined
    ? null
    : {
        id: row.id,
        hash: row.hash,
        name: row.name,
        role: row.role,
        companyId: row.company_id,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
      };
}

/** Notes that a token was used; told at most once an hour for each, see access.ts. */
export async function touchToken(
  tx: Tx,
  { account, id }: { readonly account: string; readonly id: string },
  now: number,
): Promise<void> {
  await tx.run('UPDATE access_tokens SET last_used_at = ? WHERE account = ? AND id = ?', [now, account, id]);
}

export async function listTokens(
  reader: Reader,
  ask: { readonly account: string; readonly scope: Scope },
): Promise<Message<'TokenRow'>[]> {
  const own = within('company_id', ask);
  const rows = await reader.all<Row>(
    `SELECT * FROM access_tokens WHERE account = ? AND revoked_at IS NULL AND ${own.sql} ORDER BY id LIMIT 500`,
    [ask.account, ...own.params],
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    role: row.role,
    companyId: row.company_id,
    createdAt: new Date(row.created_at).toISOString(),
    expiresAt: new Date(row.expires_at).toISOString(),
    lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at).toISOString(),
  }));
}

export async function judgeRevoke(reader: Reader, account: string, id: string, now: number): Promise<void> {
  const row = await reader.get<Row>('SELECT * FROM access_tokens WHERE account = ? AND id = ? AND revoked_at IS NULL', [
    account,
    id,
  ]);
  if (row === undefined) throw new LeaseholdError('NOT_FOUND', 'There is no such token.', { path: 'token' });
  // Only an owner of the whole account can let others in again.
  if (row.role !== 'owner' || row.company_id !== null) return;
  const other = await reader.get(
    `SELECT id FROM access_tokens
       WHERE account = ? AND id <> ? AND role = 'owner' AND company_id IS NULL AND revoked_at IS NULL
         AND expires_at > ?`,
    [account, id, now],
  );
  if (other !== undefined) return;
  throw new LeaseholdError('CONFLICT', 'This is the last token of an owner: without it nobody could sign in.', {
    path: 'token',
    remedy: 'Create another owner token first, then revoke this one.',
  });
}

export async function revokeToken(tx: Tx, account: string, id: string, actor: string, now: number): Promise<void> {
  await tx.run('UPDATE access_tokens SET revoked_at = ? WHERE account = ? AND id = ?', [now, account, id]);
  appendJournal(tx, account, {
    type: 'token.revoked',
    subject: { type: 'token', id },
    actor,
    details: {},
    rows: [],
  });
}
