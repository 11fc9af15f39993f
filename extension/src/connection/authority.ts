import {
  fromProblem,
  fromUtf8,
  LeaseholdError,
  pathOf,
  ROUTES,
  type ReplyOf,
  type RequestOf,
  type RouteName,
} from '@leasehold/protocol';

/** Largest reply that is read, in bytes. A page of 500 rows is under 1 MB; pools and hosts may be larger. */
const MAX_REPLY = 8_000_000;
/** Largest file that is read: a hundred thousand licenses as CSV. */
const MAX_FILE = 32_000_000;
const TIMEOUT_MS = 15_000;

export interface CallInput<R extends RouteName> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: RequestOf<R>;
  readonly signal?: AbortSignal;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Calls one authority as one person, or as nobody with an empty token. Every reply passes its guard and a byte limit; redirects are never followed. */
export class Authority {
  readonly url: string;
  readonly #token: string;
  readonly #fetch: Fetch;
  /** Keys of changes whose answer did not come, also where a proxy says so: the same asked again is the same change, and
   * done once. */
  readonly #lost = new Map<string, string>();

  constructor(connection: { readonly url: string; readonly token: string }, fetch: Fetch = defaultFetch) {
    this.url = connection.url;
    this.#token = connection.token;
    this.#fetch = fetch;
  }

  /** Rejects with LeaseholdError: AUTHORITY_UNREACHABLE, TIMEOUT, GUARD_FAILED, or the problem the authority named. */
  async call<R extends RouteName>(
    route: R,
    isReply: (value: unknown) => value is ReplyOf<R>,
    input: CallInput<R> = {},
  ): Promise<ReplyOf<R>> {
    const { text, response } = await this.#send(route, input);
    const value = parse(text, response.status);
    if (!response.ok) throw fromProblem(value, response.status);
    if (!isReply(value)) throw wrongShape(`The answer to "${route}" is not of the form that was agreed.`);
    return value;
  }

  /** A reply that is text, like a file. Rejects as `call`. */
  async text<R extends RouteName>(route: R, input: CallInput<R> = {}): Promise<string> {
    const { text, response } = await this.#send(route, input, MAX_FILE);
    if (!response.ok) throw fromProblem(parse(text, response.status), response.status);
    return text;
  }

  async #send<R extends RouteName>(
    route: R,
    input: CallInput<R>,
    limit = MAX_REPLY,
  ): Promise<{ readonly text: string; readonly response: Response }> {
    const { method } = ROUTES[route];
    // What a DELETE is asked stands in the query as well: proxies drop its body (RFC 9110, 9.3.5), and a dry run with it.
    const asked = { ...input.query, ...(method === 'DELETE' && (input.body as object | undefined)) };
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value) as [string, string][]);
    const path = pathOf(route, input.params) + (query.size > 0 ? `?${query}` : '');
    const headers: Record<string, string> = {};
    const body = JSON.stringify(input.body ?? {});
    const change = method + path + body;
    if (method !== 'GET') {
      headers['content-type'] = 'application/json';
      const key = this.#lost.get(change) ?? crypto.randomUUID();
      this.#lost.set(change, key);
      headers['idempotency-key'] = key;
    }
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.open(path, {
      method,
      headers,
      signal: input.signal === undefined ? timeout : AbortSignal.any([input.signal, timeout]),
      ...(method === 'GET' ? {} : { body }),
    });
    const text = await readBody(response, limit);
    if (response.status < 500) this.#lost.delete(change);
    return { text, response };
  }

  /** Opens a request with the person's token. The reply's body is unread. */
  async open(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(this.url + path, {
        ...init,
        headers: { ...init.headers, ...(this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }) },
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'manual',
        referrerPolicy: 'no-referrer',
      });
    } catch (cause) {
      throw unreachable(cause);
    }
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      throw wrongShape('The address sends the console elsewhere, which is not followed.');
    }
    return response;
  }
}

const defaultFetch: Fetch = (url, init) => fetch(url, init);

/** Reads a body up to the limit and gives the rest of an endless one back to the network. */
export async function readBody(response: Response, limit = MAX_REPLY): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > limit) {
        await reader.cancel();
        throw new LeaseholdError('PAYLOAD_TOO_LARGE', `The answer is larger than ${limit} bytes.`);
      }
      chunks.push(value);
    }
    return fromUtf8(new Uint8Array(await new Blob(chunks).arrayBuffer()));
  } catch (cause) {
    if (LeaseholdError.is(cause)) throw cause;
    throw cause instanceof TypeError ? wrongShape('The answer is no text.') : unreachable(cause);
  }
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fromProblem(undefined, status);
  }
}

function unreachable(cause: unknown): LeaseholdError {
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return new LeaseholdError('TIMEOUT', 'The authority did not answer in time.', { cause });
  }
  return new LeaseholdError('AUTHORITY_UNREACHABLE', 'The authority could not be reached.', { cause });
}

function wrongShape(detail: string): LeaseholdError {
  return new LeaseholdError('GUARD_FAILED', detail, {
    remedy: 'Check that the address is the one of a Leasehold authority and that no proxy answers in its place.',
  });
}
