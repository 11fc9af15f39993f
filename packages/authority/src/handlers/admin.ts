import { formatConnection, formatLicenseKey, LeaseholdError, type ReplyOf } from '@leasehold/protocol';
import { formatToken } from '../accounts/tokens.js';
import type { adminCommands } from '../admin-commands.js';
import { byOf, drawSecret, freshId, type Call, type Handler } from '../call.js';
import { digestOf } from '../ed25519.js';
import type { machineCommands } from '../instances/commands.js';
import type { companyCommands } from '../companies/commands.js';
import type { licenseCommands } from '../licenses/commands.js';
import type { orderCommands } from '../orders/commands.js';
import { changed, make, param } from './change.js';

type Elsewhere =
  | keyof typeof companyCommands
  | keyof typeof licenseCommands
  | keyof typeof machineCommands
  | keyof typeof orderCommands;
type ChangeRoute = Exclude<keyof typeof adminCommands, Elsewhere> | 'tokenCreate';

/** What admins change: each handler names the command and its input; `make` does the rest. */
export const adminHandlers: { readonly [R in ChangeRoute]: Handler<R> } = {
  poolLicensesCreate: (call) => changed(call, 'poolLicensesCreate', { licenses: call.body.licenses }),
  poolConvert: (call) => {
    return changed(call, 'poolConvert', { license: param(call, 'license'), confirmName: call.body.confirmName });
  },
  poolCreate: (call) => {
    const { name, type } = call.body;
    return changed(call, 'poolCreate', { id: freshId(call, 'pool'), name, type });
  },
  poolSetQuota: (call) => changed(call, 'poolSetQuota', { pool: param(call, 'pool'), quota: call.body.quota }),
  poolKeyCreate: async (call) => {
    const key = formatLicenseKey('license', drawSecret(call, 16, 'pool key'));
    const { licenseeName, quota } = call.body;
    const input = { id: freshId(call, 'key'), pool: param(call, 'pool'), licenseeName, quota, keyHash: digestOf(key) };
    const reply = await changed(call, 'poolKeyCreate', input);
    return reply.dryRun ? reply : { ...reply, licenseKey: key };
  },
  poolKeySetQuota: (call) => changed(call, 'poolKeySetQuota', { key: param(call, 'key'), quota: call.body.quota }),
  poolKeyDeactivate: (call) => changed(call, 'poolKeyDeactivate', { key: param(call, 'key') }),
  poolKeySetRenewing: (call) => {
    return changed(call, 'poolKeySetRenewing', { key: param(call, 'key'), renewing: call.body.renewing });
  },
  poolKeyDelete: (call) => changed(call, 'poolKeyDelete', { key: param(call, 'key') }),
  inventoryReport: (call) => changed(call, 'inventoryReport', { hosts: call.body.hosts }),
  sessionStop: (call) => changed(call, 'sessionStop', { session: param(call, 'session') }),
  mediaStamp: async (call) => {
    call.services.keyring.assertReady(call.now);
    const { dryRun: _dryRun, ...input } = call.body;
    const { at, outcome } = await make(call, 'mediaStamp', input);
    if (outcome.result === null)
      throw new LeaseholdError('INPUT_INVALID', 'A stamp has no dry run.', { path: 'dryRun' });
    const passport = await call.services.keyring.sign('media', outcome.result.claims, call.now);
    return { media: input.media, passport, ...at };
  },
  tokenCreate,
  tokenRevoke: async (call) => {
    const reply = await changed(call, 'tokenRevoke', { id: param(call, 'token') });
    call.services.tokens.forget();
    return reply;
  },
};

async function tokenCreate(call: Call<'tokenCreate'>): Promise<ReplyOf<'tokenCreate'>> {
  const { services, now, origin } = call;
  const { name, role, validDays } = call.body;
  const token = formatToken(drawSecret(call, 32, 'token'));
  const id = freshId(call, 'tok');
  const expiresAt = now + validDays * 86_400_000;
  const input = {
    account: services.account,
    id,
    hash: digestOf(token),
    name,
    role,
    expiresAt,
    actor: byOf(call).actor,
  };
  await services.store.execute('createToken', input, now);
  const url = services.settings.publicUrl ?? origin;
  const roots = services.keyring.roots.map(({ x }) => x);
  const connection = formatConnection({ url, roots, token });
  return { id, token, connection, expiresAt: new Date(expiresAt).toISOString() };
}
