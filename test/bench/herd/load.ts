import type { SimulatedAgent } from './agents.js';
import { Lines, requestOf } from './lines.js';
import type { Site } from './site.js';

/** Connections that the agents share: each real one has its own, but the loopback has no ports for a hundred thousand. So
 * many that calls which wait do so at the authority, which sheds them, and not before it. */
const CONNECTIONS = 2048;
const SECOND = 1000;

/** What became of the calls of one phase. */
export class Outcome {
  /** Of served calls, ms from the moment at which they were due. */
  readonly latencies: number[] = [];
  readonly servedAt: number[] = [];
  /** Seconds after which those that were turned away should come back. */
  readonly comeBack: number[] = [];
  failed = 0;

  quantile(q: number): number {
    const sorted = this.latencies.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
  }

  /** Calls served in each whole second. */
  perSecond(): number[] {
    const first = this.servedAt[0] ?? 0;
    const counts: number[] = [];
    for (const at of this.servedAt) {
      const second = Math.floor((at - first) / SECOND);
      counts[second] = (counts[second] ?? 0) + 1;
    }
    return Array.from(counts, (count) => count ?? 0).slice(0, -1);
  }
}

/** Sends check-ins of the site's agents, each agent after its last one was answered. */
export class Load {
  readonly #site: Site;
  readonly #lines: Lines;
  #usage = 0;
  /** Bytes of the last request with its proof, and of its reply. */
  readonly sizes = { request: 0, reply: 0 };

  constructor(site: Site) {
    this.#site = site;
    this.#lines = new Lines(site.url, CONNECTIONS);
  }

  /** `together` calls under way at any time, until every agent is served. */
  async closed(agents: readonly SimulatedAgent[], together: number): Promise<Outcome> {
    const outcome = new Outcome();
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let n = next++; n < agents.length; n = next++) {
        const agent = agents[n]!;
        await this.#send(agent, await this.#make(agent), performance.now(), outcome);
      }
    };
    await Promise.all(Array.from({ length: together }, lane));
    return outcome;
  }

  /** So many a second, whatever becomes of them. All are made and signed before the first one goes, so that it is not the
   * agents, which share a processor with the authority here, that set the pace. With `returning`, those that are turned
   * away come back when they were told to, and it ends when all are served. */
  async open(agents: readonly SimulatedAgent[], rate: number, returning = false): Promise<Outcome> {
    const outcome = new Outcome();
    const calls: Promise<void>[] = [];
    const made: Buffer[] = [];
    for (const agent of agents) made.push(await this.#make(agent));
    const begun = performance.now();
    const ask = async (agent: SimulatedAgent, call: Buffer, due: number): Promise<void> => {
      const wait = await this.#send(agent, call, due, outcome);
      if (wait === undefined || !returning) return;
      await new Promise((resolve) => setTimeout(resolve, wait * SECOND));
      await ask(agent, await this.#make(agent), performance.now());
    };
    for (const [n, agent] of agents.entries()) {
      const due = begun + (n * SECOND) / rate;
      const early = due - performance.now();
      if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
      calls.push(ask(agent, made[n]!, due));
    }
    await Promise.all(calls);
    return outcome;
  }

  close(): void {
    this.#lines.close();
  }

  /** A check-in of the agent as it stands, with its proof: all bytes of the request. */
  async #make(agent: SimulatedAgent): Promise<Buffer> {
    const { url, digest } = this.#site;
    this.#usage += 1;
    const text = JSON.stringify(agent.request(digest, this.#usage));
    const at = `${url}/v1/check-in`;
    const proof = await agent.proof(at, text);
    this.sizes.request = text.length + proof.length;
    return requestOf(at, text, proof);
  }

  /** Answers after how many seconds to come back, where it was turned away. */
  async #send(agent: SimulatedAgent, call: Buffer, due: number, outcome: Outcome): Promise<number | undefined> {
    const { status, retryAfter, body } = await this.#lines.send(call);
    if (status === 200) {
      this.sizes.reply = body.length;
      agent.take((JSON.parse(body) as { readonly lease: string }).lease);
      outcome.latencies.push(performance.now() - due);
      outcome.servedAt.push(performance.now());
      return undefined;
    }
    if (status !== 503) outcome.failed += 1;
    if (status === 503) outcome.comeBack.push(retryAfter);
    return status === 503 ? retryAfter : undefined;
  }
}
