import { formatConnection, LeaseholdError, type ReplyOf } from '@leasehold/protocol';
import { readRecovery } from '../accounts/recover.js';
import { formatToken } from '../accounts/tokens.js';
import { drawSecret, freshId, type Call, type Handler } from '../serving/call.js';
import { digestOf } from '../keys/ed25519.js';
import { changed, make, param } from './change.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

type TokenRoute = 'tokenCreate' | 'tokenRotate' | 'tokenRevoke' | 'recover';

/** Tokens of people: made, renewed, taken back. */
export const tokenHandlers: { readonly [R in TokenRoute]: Handler<R> } = {
  async tokenCreate(call) {
    const { name, role, companyId = null, validDays } = call.body;
    const { token, input } = drawToken(call);
    const { outcome } = await make(call, 'tokenCreate', {
      ...input,
      name,
      role,
      companyId,
      expiresAt: call.now + validDays * DAY,
    });
    return shown(call, token, outcome.result);
  },
  async tokenRotate(call) {
    const { caller, body, now } = call;
    if (caller.kind !== 'person') throw new LeaseholdError('UNAUTHORIZED', 'This is for people.');
    const { id: old, name, role, companyId, createdAt, expiresAt } = caller.token;
    const { token, input } = drawToken(call);
    // As long as the one before was made for.
    const renewed = { ...input, name, role, companyId, expiresAt: now + (expiresAt - createdAt) };
    const oldEndsAt = now + (body.overlapHours ?? 24) * HOUR;
    const { outcome } = await make(call, 'tokenRotate', { ...renewed, old, oldEndsAt });
    call.services.tokens.forget();
    return shown(call, token, outcome.result);
  },
  async recover(call) {
    const { services, now } = call;
    const { account, keyring, store } = services;
    const word = await readRecovery(call.body.request, keyring.roots, account, now);
    const token = formatToken(services.settings.random(32));
    const id = `tok_${digestOf(word.jti).slice(0, 16)}`;
    const expiresAt = now + word.days * DAY;
    const owner = {
      account,
      id,
      hash: digestOf(token),
      name: word.name,
      role: 'owner',
      companyId: null,
      expiresAt,
      actor: 'root',
    } as const;
    await store.execute('recoverOwner', owner, now);
    return shown(call, token, { id, expiresAt });
  },
  async tokenRevoke(call) {
    const reply = await changed(call, 'tokenRevoke', { id: param(call, 'token') });
    call.services.tokens.forget();
    return reply;
  },
};

function drawToken(call: Call<'tokenCreate'> | Call<'tokenRotate'>) {
  const token = formatToken(drawSecret(call, 32, 'token'));
  return { token, input: { id: freshId(call, 'tok'), hash: digestOf(token) } };
}

function shown(
  { services, origin }: Pick<Call<'tokenCreate'>, 'services' | 'origin'>,
  token: string,
  made: { readonly id: string; readonly expiresAt: number } | null,
): ReplyOf<'tokenCreate'> {
  if (made === null) throw new LeaseholdError('INPUT_INVALID', 'A token has no dry run.', { path: 'body.dryRun' });
  const url = services.settings.publicUrl ?? origin;
  const connection = formatConnection({ url, roots: services.keyring.roots.map(({ x }) => x), token });
  return { id: made.id, token, connection, expiresAt: new Date(made.expiresAt).toISOString() };
}
