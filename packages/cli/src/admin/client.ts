import {
  fromProblem,
  guards,
  LeaseholdError,
  linesOf,
  pathOf,
  ROUTES,
  thumbprint,
  verifyKeyset,
} from '@leasehold/protocol';
import type { Connection, RouteName, RouteRow } from '@leasehold/protocol';
import { ed25519 } from '../ed25519.js';

/** One call as an admin makes it. */
export interface AdminCall {
  readonly route: RouteName;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

const GUARDS = new Map<string, (value: unknown) => boolean>(Object.entries(guards));

const SECONDS = 30; // a change waits for its commit, a list for its page; longer means that nobody answers
const FILE_SECONDS = 1800; // a file of any length, written at the reader's pace

/** The calls of a person with a token. The token is sent only once the authority has shown a keyset that one of the
 * pinned roots signed: an impostor never sees it. */
export class AdminClient {
  readonly #connection: Connection;
  #verified = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Calls one route and answers its guarded reply. @throws LeaseholdError what the authority or the network says */
  async call(call: AdminCall): Promise<Readonly<Record<string, unknown>>> {
    if (!this.#verified) await this.#verifyAuthority();
    return this.#send(call, this.#authorization);
  }

  async #verifyAuthority(): Promise<void> {
    const { keyset } = (await this.#send({ route: 'keyset' }, {})) as { readonly keyset: string };
    const roots = this.#connection.roots.map((x) => ({ kty: 'OKP', crv: 'Ed25519', x }) as const);
    await verifyKeyset(keyset, await Promise.all(roots.map(withKid)), ed25519);
    this.#verified = true;
  }

  /** Calls a route whose reply is a file, and answers its lines as they come. @throws as {@link call} does */
  async *lines(call: AdminCall): AsyncGenerator<string, void, undefined> {
    if (!this.#verified) await this.#verifyAuthority();
    const reply = await this.#ask(call, this.#authorization, FILE_SECONDS);
    if (!reply.ok) throw fromProblem(await jsonOf(reply), reply.status);
    try {
      yield* linesOf(reply.body!.pipeThrough(new TextDecoderStream()));
    } catch (thrown) {
      if (thrown instanceof LeaseholdError) throw thrown;
      throw new LeaseholdError('AUTHORITY_UNREACHABLE', 'The file broke off before its end.', {
        remedy: 'Ask again; what was printed is only a part.',
        cause: thrown,
      });
    }
  }

  get #authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.#connection.token}` };
  }

  async #send(call: AdminCall, headers: Record<string, string>): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.#ask(call, headers, SECONDS);
    const value = await jsonOf(reply);
    if (!reply.ok) throw fromProblem(value, reply.status);
    if (GUARDS.get(`is${ROUTES[call.route].reply}`)?.(value) === true)
      return value as Readonly<Record<string, unknown>>;
    throw fromProblem(undefined, reply.status);
  }

  async #ask(call: AdminCall, headers: Record<string, string>, seconds: number): Promise<Response> {
    const row: RouteRow = ROUTES[call.route];
    const query = new URLSearchParams(call.query).toString();
    const url = `${this.#connection.url}${pathOf(call.route, call.params)}${query === '' ? '' : `?${query}`}`;
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    const type = call.body === undefined ? {} : { 'content-type': 'application/json' };
    return reach(url, { method: row.method, headers: { ...headers, ...type }, ...body }, seconds);
  }
}

const jsonOf = (reply: Response): Promise<unknown> => reply.json().catch(() => undefined);

async function withKid(jwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }) {
  return { ...jwk, kid: await thumbprint(jwk) };
}

/** One request; what kept it from being answered becomes AUTHORITY_UNREACHABLE or BAD_CERTIFICATE. */
export async function reach(url: string, init: RequestInit, seconds: number): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(seconds * 1000) });
  } catch (thrown) {
    const cause = (thrown as { cause?: { code?: string; message?: string } }).cause ?? {};
    const { origin } = new URL(url);
    if (/CERT|SSL|TLS|SELF_SIGNED/.test(cause.code ?? '')) {
      throw new LeaseholdError('BAD_CERTIFICATE', `The certificate of ${origin} is not trusted: ${cause.code}.`, {
        remedy: 'Give Node the certificate authority with NODE_EXTRA_CA_CERTS, or correct the certificate.',
        cause: thrown,
      });
    }
    throw new LeaseholdError(
      'AUTHORITY_UNREACHABLE',
      `${origin} does not answer${cause.code ? ` (${cause.code})` : ''}.`,
      {
        remedy: 'Check that it runs and that the address in the connection string is right.',
        cause: thrown,
      },
    );
  }
}
