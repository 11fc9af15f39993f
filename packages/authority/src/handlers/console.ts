import { LeaseholdError, type HeadClaims, type ReplyOf } from '@leasehold/protocol';
import { pageOf, type Call, type Handler } from '../serving/call.js';
import { chosen, wordsOf } from '../serving/choices.js';
import { adviceFor } from '../overview/advice.js';
import { toFeedRow } from '../delivery/row.js';
import type { Services } from '../services.js';

type ConsoleRoute =
  | 'health'
  | 'ready'
  | 'keyset'
  | 'time'
  | 'me'
  | 'overview'
  | 'pools'
  | 'machines'
  | 'sessions'
  | 'media'
  | 'refusals'
  | 'advise'
  | 'journal'
  | 'tokens';

const MACHINE_STATUSES = wordsOf('MachineRow', 'status');
const SESSION_STATUSES = wordsOf('SessionRow', 'status');

/** What is only asked. */
export const consoleHandlers: { readonly [R in ConsoleRoute]: Handler<R> } = {
  health: async () => ({ status: 'ok', reason: null }),
  ready,
  keyset: async ({ services, now }) => {
    return { keyset: services.keyring.keysetToken, serverTime: new Date(now).toISOString() };
  },
  time: signedTime,
  me,
  overview: ({ services: { store, account }, scope, now }) => store.read('overview', { account, scope, now }),
  pools: ({ services: { store, account }, now }) => store.read('pools', { account, now }),
  machines: (call) => {
    const { search = null, company = null, mark = null, counts = null } = call.query;
    const status = chosen(call.query, 'status', MACHINE_STATUSES);
    return call.services.store.read('machines', { ...pageOf(call), search, company, status, mark, counts });
  },
  sessions: (call) => {
    const status = chosen(call.query, 'status', SESSION_STATUSES);
    return call.services.store.read('sessions', { ...pageOf(call), status });
  },
  media: (call) => call.services.store.read('media', pageOf(call)),
  refusals: (call) => call.services.store.read('refusals', pageOf(call)),
  advise: async ({ services: { store, account }, body, now }) => {
    return adviceFor(body, await store.read('account', { account }), now);
  },
  journal,
  tokens: async ({ services: { store, account }, scope }) => {
    return { rows: await store.read('listTokens', { account, scope }) };
  },
};

async function ready({ services, now }: Call<'ready'>): Promise<ReplyOf<'ready'>> {
  const problem = services.readiness.problem() ?? services.keyring.problem(now);
  return problem === undefined ? { status: 'ok', reason: null } : { status: 'not_ready', reason: problem.code };
}

/** Signed for this question alone, so that an answer that was kept is worth nothing. */
async function signedTime({ services: { keyring }, params, now }: Call<'time'>): Promise<ReplyOf<'time'>> {
  const nonce = params['nonce'] ?? '';
  if (!/^[A-Za-z0-9_-]{22,88}$/.test(nonce)) {
    throw new LeaseholdError('INPUT_INVALID', 'A nonce is base64url of 16 to 64 bytes.', { path: 'params.nonce' });
  }
  const claims = { iss: keyring.account, nonce, iat: Math.floor(now / 1000) };
  return { time: await keyring.sign('time', claims, now), keyset: keyring.keysetToken };
}

async function me({ services, caller, now }: Call<'me'>): Promise<ReplyOf<'me'>> {
  if (caller.kind !== 'person') throw new LeaseholdError('UNAUTHORIZED', 'This is for people.');
  const { store, account: id, version } = services;
  const account = await store.read('account', { account: id });
  const { epoch, seq } = await store.read('head', { account: id });
  return {
    account: id,
    name: account.name,
    role: caller.token.role,
    tokenName: caller.token.name,
    companyId: caller.token.companyId,
    prefix: account.prefix,
    timeZone: account.timeZone,
    epoch,
    seq,
    serverTime: new Date(now).toISOString(),
    version,
  };
}

async function journal(call: Call<'journal'>): Promise<ReplyOf<'journal'>> {
  const { services, now } = call;
  const { after, limit } = pageOf(call);
  const seq = Number(after?.split(':').at(-1) ?? 0);
  if (!Number.isInteger(seq) || seq < 0) {
    throw new LeaseholdError('INPUT_INVALID', 'A journal position is written epoch:seq.', { path: 'query.after' });
  }
  const { account, store } = services;
  const ask = { account, seq, limit };
  const { scope } = call;
  const { rows, more } = await (scope === null
    ? store.read('journalAfter', ask)
    : store.read('journalWithin', { ...ask, scope }));
  const last = rows.at(-1);
  const next = !more || last === undefined ? null : `${last.epoch}:${last.seq}`;
  return { rows: rows.map((row) => toFeedRow(row)), next, head: await signedHead(services, now) };
}

/** The journal's head under our signature. */
export async function signedHead({ store, keyring, account }: Services, now: number): Promise<string> {
  const { epoch, seq, hash } = await store.read('head', { account });
  const claims: HeadClaims = { iss: account, epoch, seq, hash, iat: Math.floor(now / 1000) };
  return keyring.sign('head', claims, now);
}
