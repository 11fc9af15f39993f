import {
  LeaseholdError,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  readProtocolVersion,
  ROUTES,
  toProblem,
  type ReplyOf,
  type RouteName,
  type RouteRow,
} from '@leasehold/protocol';
import { schemas } from '@leasehold/protocol/schemas';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { AccessControl } from './access.js';
import { isFile, isTagged, openFile, sendFile, tag } from './answering.js';
import type { Call, Handler } from './call.js';
import { namedIn } from '../companies/reach.js';
import { digestOf } from '../keys/ed25519.js';
import type { Feed } from '../delivery/feed.js';
import { Door } from './door.js';
import { Gate } from './gate.js';
import { GuessLimit } from './guess-limit.js';
import { InFlight } from './in-flight.js';
import { assertKnown } from './known-members.js';
import { handlersOf, type Handlers } from '../handlers/index.js';
import { Metrics } from './metrics.js';
import { openApi } from './openapi.js';
import { assertText, readBody } from './plain-text.js';
import { inOwnWords } from './own-words.js';
import { notFound, problemOf } from './server-problems.js';
import type { Services } from '../services.js';
import { buildValidator } from './schema-compiler.js';
import { readTls } from './tls.js';
import { readIfMatch } from './unchanged.js';

const SCHEMAS: Readonly<Record<string, object>> = { ...schemas };

/** Walks the route table: for each row the schema of its request, the access it asks for, its handler, and problems in
 * one form. */
export function buildServer(services: Services, feed: Feed): FastifyInstance {
  const { settings } = services;
  // oxlint-disable-next-line prefer-const -- the two know each other
  let server: Server;
  const app = Fastify({
    logger: false,
    // The same server over TLS: no other part of this file knows of it.
    ...(settings.tls === undefined ? {} : { https: readTls(settings.tls, settings.now()) }),
    bodyLimit: settings.bodyLimit,
    // Who guesses behind a proxy is counted by his own address: by that of the proxy he would lock everybody out.
    trustProxy: settings.publicUrl === undefined ? false : ['loopback', 'linklocal', 'uniquelocal'],
    // Parameters of a path are ids; a longer one is nobody's.
    routerOptions: { maxParamLength: 300 },
    requestTimeout: 60_000,
    // Of Fastify, for hooks: one that waits for what is under way took as long, and nothing behind it was closed any more.
    pluginTimeout: 0,
    // What fails before a route is found: a path that is too long, or that cannot be decoded.
    frameworkErrors: (error, request, reply) => server.problem(problemOf(error, request), reply),
    schemaController: { compilersFactory: { buildValidator } },
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: false,
        useDefaults: false,
        allErrors: false,
        strict: false,
      },
    },
  });
  server = new Server(app, services, feed);
  server.mount();
  return app;
}

class Server {
  readonly #app: FastifyInstance;
  readonly #services: Services;
  readonly #feed: Feed;
  readonly #access: AccessControl;
  readonly #metrics = new Metrics();
  readonly #inFlight = new InFlight();
  readonly #gate: Gate;

  constructor(app: FastifyInstance, services: Services, feed: Feed) {
    this.#app = app;
    this.#services = services;
    this.#feed = feed;
    this.#access = new AccessControl(services);
    const door = new Door();
    door.watch(app.server);
    this.#gate = new Gate(services, door);
  }

  mount(): void {
    const app = this.#app;
    // The proof covers the very bytes of the body, so they are kept beside what was parsed.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
      request.raw.rawBody = body as Buffer;
      readBody(body as Buffer, done);
    });
    app.addHook('onRequest', async (request, reply) => {
      this.#inFlight.add(reply.headers(HEADERS).raw);
      return this.#gate.enter(request, reply);
    });
    app.addHook('preValidation', (request, reply) => this.#gate.hasRead(request, reply));
    app.addHook('preClose', () => this.#end());
    app.addHook('onResponse', async (request, reply) => {
      this.#log(request, reply);
      // A request that waited lies in the old part of V8's heap, and what it holds is kept until that is cleaned up.
      request.body = undefined;
      request.raw.rawBody = undefined;
    });
    app.setErrorHandler<FastifyError | LeaseholdError>(async (error, request, reply) =>
      this.problem(await inOwnWords(problemOf(error, request), this.#services), reply),
    );
    app.setNotFoundHandler((request, reply) => this.problem(notFound(request), reply));
    const handlers = handlersOf(new GuessLimit(this.#services, 'license key'));
    for (const name of Object.keys(ROUTES) as RouteName[]) this.#mountRoute(name, handlers);
    this.#mountDocuments();
  }

  /** Answers what is under way, then closes every connection: clients hold spare ones open that never asked anything, and
   * the server would wait a minute for each. */
  async #end(): Promise<void> {
    this.#feed.close();
    await this.#inFlight.end(this.#services.settings);
    this.#app.server.closeAllConnections();
  }

  #mountRoute(name: RouteName, handlers: Handlers): void {
    const row: RouteRow = ROUTES[name];
    // What a DELETE is asked beside its path stands in the query: bodies of DELETE are lost on the way (RFC 9110, 9.3.5).
    const body = row.request === undefined || row.method === 'DELETE' ? undefined : SCHEMAS[row.request];
    this.#app.route({
      method: row.method,
      url: row.path,
      ...(body === undefined ? {} : { schema: { body } }),
      config: { name },
      // A proof covers the body, so it is judged when that is there; all others before a byte of it is read.
      [row.access === 'device' ? 'preValidation' : 'onRequest']: async (request: FastifyRequest) =>
        this.#admit(row, request),
      handler: async (request, reply) => {
        const call = this.#call(name, request) as Call<never>;
        await this.#assertReach(call);
        assertKnown(row, call);
        if (name === 'feed') return this.#stream(request, reply);
        // Its turn ends before it is sent: whoever takes a file in drops would have it meanwhile.
        if (isFile(name)) return sendFile(name, await this.#gate.work(request, () => openFile(name, call)), reply);
        const { store, account } = this.#services;
        const before = isTagged(row) ? await store.read('head', { account }) : null;
        const answer = await this.#gate.work(request, () => (handlers[name] as Handler<never>)(call));
        tag(reply, before, answer);
        if (name === 'ready' && (answer as ReplyOf<'ready'>).status !== 'ok')
          void reply.status(503).header('retry-after', 5);
        return answer;
      },
    });
  }

  /** Who calls is known before anything of the request is looked at. */
  async #admit(row: RouteRow, request: FastifyRequest): Promise<void> {
    readProtocolVersion(header(request, PROTOCOL_HEADER.toLowerCase()));
    const now = this.#services.settings.now();
    request.admitted = {
      now,
      caller: await this.#access.judge(
        {
          row,
          method: request.method,
          url: `${this.#origin(request)}${request.url}`,
          body: request.raw.rawBody ?? Buffer.alloc(0),
          proof: header(request, 'leasehold-proof'),
          authorization: header(request, 'authorization'),
          address: request.ip,
        },
        now,
      ),
    };
  }

  /** Before anything is done for it: what a token of a company names must be within its reach. A change asks again in its
   * own transaction. */
  async #assertReach({ scope, named, services: { store, account } }: Call<never>): Promise<void> {
    if (scope !== null && named.length > 0) await store.read('assertReach', { account, scope, named });
  }

  #call(route: RouteName, request: FastifyRequest): Call<RouteName> {
    const { caller } = request.admitted;
    const key = header(request, 'idempotency-key');
    if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key)) {
      throw new LeaseholdError('INPUT_INVALID', 'An Idempotency-Key has 1 to 200 visible characters.', {
        path: 'header.Idempotency-Key',
      });
    }
    assertText(request.params, 'path');
    assertText(request.query, 'query');
    return {
      services: this.#services,
      body: request.body as never,
      rawBody: request.raw.rawBody ?? Buffer.alloc(0),
      header: (name) => header(request, name),
      params: request.params as Record<string, string>,
      query: request.query as Record<string, string | undefined>,
      caller,
      scope: caller.kind === 'person' ? caller.token.companyId : null,
      named: namedIn(route, request),
      address: request.ip,
      origin: this.#origin(request),
      seen: readIfMatch(header(request, 'if-match')),
      idempotency: key === undefined ? null : { key, requestHash: hashOf(request) },
      now: request.admitted.now,
    };
  }

  #origin(request: FastifyRequest): string {
    const { publicUrl, tls } = this.#services.settings;
    return publicUrl ?? `${tls === undefined ? 'http' : 'https'}://${request.host}`;
  }

  async #stream(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { caller } = request.admitted;
    if (caller.kind !== 'person') throw new LeaseholdError('UNAUTHORIZED', 'This is for people.');
    const { token } = caller;
    const sight = await this.#feed.sightOf(token);
    const from = await this.#feed.startOf(header(request, 'last-event-id'));
    this.#feed.assertRoom(token);
    reply.hijack();
    reply.raw.writeHead(200, {
      ...HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    await this.#feed.serve(reply.raw, { token, sight }, from);
  }

  #mountDocuments(): void {
    const { version } = this.#services;
    this.#app.get('/openapi.json', (request, reply) => reply.send(openApi(version, this.#origin(request))));
    this.#app.get('/metrics', async (_request, reply) => {
      void reply.type('text/plain; version=0.0.4');
      const { waiting, clock } = await this.#services.store.health();
      // All nodes have one database: where they differ from it, they differ from each other.
      const ahead = clock === undefined ? {} : { clock_ahead_seconds: (this.#services.settings.now() - clock) / 1000 };
      const gauges = { ...this.#feed.gauges(), store_waiting: waiting, ...ahead, ...this.#gate.gauges() };
      return this.#metrics.text(gauges);
    });
  }

  /** Answers with the problem that a request ended with. */
  problem(error: LeaseholdError, reply: FastifyReply): FastifyReply {
    if (error.code === 'INTERNAL') {
      this.#services.settings.log({ level: 'error', event: 'request.failed', cause: causeOf(error).slice(0, 2000) });
    }
    const problem = toProblem(error);
    if (error.code === 'NONCE_REQUIRED') {
      void reply.header('leasehold-nonce', this.#access.nonce(this.#services.settings.now()));
    }
    if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', problem.retryAfterSeconds);
    return reply.status(problem.status).type('application/problem+json').send(problem);
  }

  #log(request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions.config.name ?? 'other';
    this.#metrics.count(route, reply.statusCode, reply.elapsedTime);
    const ms = Math.round(reply.elapsedTime);
    this.#services.settings.log({ level: 'info', event: 'request', route, status: reply.statusCode, ms });
  }
}

/** What every reply says: the protocol spoken; and that nothing here is for a page of another origin (CORS stays closed),
 * to be cached, framed or guessed at. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  [PROTOCOL_HEADER.toLowerCase()]: String(PROTOCOL_VERSION),
} as const;

/** For the operator's log: where it failed. From the storage worker it comes as text. */
function causeOf({ details: { cause } }: LeaseholdError): string {
  if (cause instanceof Error) return cause.stack ?? cause.message;
  return typeof cause === 'string' ? cause : '';
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? undefined : value;
}

/** What was asked, so that another request under the same key is known. */
function hashOf({ method, url, raw }: FastifyRequest): string {
  return digestOf(`${method} ${url} ${(raw.rawBody ?? Buffer.alloc(0)).toString()}`);
}
