import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Door } from './door.js';
import type { Lane } from './lane.js';
import { Lanes } from './lanes.js';
import type { Services } from '../services.js';

declare module 'fastify' {
  interface FastifyRequest {
    turn?: { readonly end: () => void; atWork: boolean };
  }
}

/** How long a body may take where others wait for its place, ms. Most come with their head. */
const READ_WITHIN = 2000;

/** Before every route: a call that cannot be served now, or not in time, is turned away before anything of it is read,
 * with the time to come back (RFC 9110 section 10.2.3). */
export class Gate {
  readonly #services: Services;
  readonly #lanes: Lanes;
  /** Whose bodies are being read, where and since when: the first has read longest. */
  readonly #reading: Map<FastifyRequest, { readonly lane: Lane; readonly since: number }> = new Map();

  constructor(services: Services, door: Door) {
    this.#services = services;
    this.#lanes = new Lanes(services, door);
  }

  /** Waits until the call may go on: for its turn, or where it brings a body until that may be read. Throws OVERLOADED or
   * DATABASE_UNAVAILABLE. */
  async enter(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { name } = request.routeOptions.config;
    const lane = this.#lanes.of(name);
    if (lane === undefined) return;
    this.#services.readiness.assertReachable();
    lane.assertOpen();
    const reading = this.#lanes.before(name);
    if (reading === undefined) return this.#take(lane, request, reply);
    this.#makeRoom(reading);
    reading.assertOpen();
    // Perhaps nobody comes after this call for whom room is made.
    const later = reading.short === 0 ? undefined : setTimeout(() => this.#makeRoom(reading), READ_WITHIN).unref();
    await this.#take(reading, request, reply);
    clearTimeout(later);
    if (reply.raw.destroyed) return;
    this.#reading.set(request, { lane: reading, since: performance.now() });
    reply.raw.once('close', () => this.#reading.delete(request));
  }

  /** Whoever sends bodies in drops holds no place for which others wait: with all of them he would stop every machine, or
   * every admin. */
  #makeRoom(reading: Lane): void {
    let { short } = reading;
    const late = performance.now() - READ_WITHIN;
    for (const [request, { lane, since }] of this.#reading) {
      if (lane !== reading) continue;
      if (short-- <= 0 || since > late) return;
      this.#reading.delete(request);
      request.raw.destroy();
    }
  }

  /** The body is there. Whoever sends it in drops shall not have the turn meanwhile: a few of them would stop all others. */
  async hasRead(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { name } = request.routeOptions.config;
    if (this.#lanes.before(name) === undefined) return;
    this.#reading.delete(request);
    request.turn?.end();
    await this.#take(this.#lanes.of(name)!, request, reply);
  }

  async #take(lane: Lane, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const turn = { end: await lane.enter(), atWork: false };
    request.turn = turn;
    if (reply.raw.destroyed) turn.end();
    // A turn ends with the work, also where the caller hung up meanwhile; with the connection, where no work began.
    reply.raw.once('close', () => {
      if (!turn.atWork) turn.end();
    });
  }

  /** Does the work of a call that has its turn. Rejects as soon as the database goes away. */
  async work<T>({ turn }: FastifyRequest, work: () => Promise<T>): Promise<T> {
    if (turn === undefined) return work();
    turn.atWork = true;
    // Also where it throws before it has anything to wait for: the turn ends with it.
    const working = Promise.resolve().then(work);
    working.then(turn.end, turn.end);
    return this.#services.readiness.whileReachable(working);
  }

  /** How many wait and were turned away, for monitors. */
  gauges(): Readonly<Record<string, number>> {
    return this.#lanes.gauges();
  }
}
