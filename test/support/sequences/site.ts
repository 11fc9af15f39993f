import { LeaseholdError, PROBLEM_CODES } from '@leasehold/protocol';
import type { CommandInput, CommandOutcome, Store } from '../../../packages/authority/src/store/index.js';
import { machine } from '../authority.js';
import type { registry } from './registry.js';
import { hash, PRODUCT } from './start.js';

export type Registry = typeof registry;
type Name = keyof Registry['commands'];

/** What a person changes takes who it is beside the input. */
type AdminName = {
  [N in Name]: CommandInput<Registry, N> extends { readonly by: unknown; readonly input: unknown } ? N : never;
}[Name];

export const START = Date.parse('2026-06-15T10:00:00Z');
const OS = ['windows_server', 'linux', 'windows_client', 'macos'] as const;

/** A machine with an agent: what it knows of itself. */
export interface Agent {
  readonly name: string;
  readonly jkt: string;
  readonly report: ReturnType<typeof machine>;
  instance: string | null;
  parent: string | null;
  /** What it activated with last. */
  license: string | null;
}

/** One account of an authority and the machines around it, with a clock of its own. */
export class Site {
  readonly store: Store<Registry>;
  readonly account: string;
  readonly agents: Agent[];
  now = START;
  /** Seats above a quota that a policy granted at some time (D-4). */
  overuse = 0;
  #serial = 0;

  static async open(store: Store<Registry>, account: string): Promise<Site> {
    await store.execute('prepare', { account }, START);
    return new Site(store, account);
  }

  constructor(store: Store<Registry>, account: string) {
    this.store = store;
    this.account = account;
    this.agents = Array.from({ length: 5 }, (_, n) => {
      const name = `m${n}`;
      const report = machine(`${account} ${name}`, { os: OS[n % OS.length]!, kind: n === 4 ? 'guest' : 'physical' });
      return { name, jkt: hash(`${account} ${name} key`), report, instance: null, parent: null, license: null };
    });
  }

  /** An id that was not used yet. */
  fresh(prefix: string): string {
    this.#serial += 1;
    return `${prefix}-${this.#serial}`;
  }

  /** What a person changes; undefined: refused. */
  change<N extends AdminName>(
    name: N,
    input: CommandInput<Registry, N>['input'],
  ): Promise<CommandOutcome<Registry, N> | undefined> {
    const who = { account: this.account, actor: 'admin:anna', scope: null, named: [] };
    const by = { ...who, dryRun: false, idempotency: null, seen: null };
    return this.call(name, { by, input } as CommandInput<Registry, N>);
  }

  /** What an agent or the clock asks; undefined: refused. A refusal has a code, and is never our own failure. */
  async call<N extends Name>(
    name: N,
    input: CommandInput<Registry, N>,
  ): Promise<CommandOutcome<Registry, N> | undefined> {
    try {
      return (await this.store.execute(name, input, this.now)).outcome;
    } catch (thrown) {
      if (LeaseholdError.is(thrown) && PROBLEM_CODES[thrown.code] < 500) return undefined;
      throw thrown;
    }
  }

  async activate(agent: Agent, key: string, server?: { readonly used: number }): Promise<boolean> {
    const chain = { parent: agent.parent, nonce: hash(this.fresh(`${this.account} nonce`)) };
    const more =
      server === undefined ? {} : { server: { version: '9.1', used: { obm: server.used }, utcOffsetMinutes: 0 } };
    const request = { product: PRODUCT, version: '12.1', chain, machine: agent.report, ...more };
    const { account } = this;
    const input = { account, keyHash: hash(`${account} ${key}`), jkt: agent.jkt, freshId: this.fresh('inst'), request };
    const answer = await this.call('activate', input);
    if (answer?.kind !== 'issued') return false;
    agent.instance = answer.issued.lease.sub;
    agent.parent = answer.issued.lease.jti;
    agent.license = key;
    return true;
  }

  async checkIn(agent: Agent): Promise<void> {
    if (agent.instance === null) return;
    const { account } = this;
    const chain = { parent: agent.parent, nonce: hash(this.fresh(`${account} nonce`)) };
    const keysetVersion = { epoch: 1, version: 1 };
    const { instance, report, jkt } = agent;
    const about = { instance, product: PRODUCT, version: '12.1', chain, machine: report, keysetVersion };
    const request = { ...about, entitlementsDigest: null };
    const shown = { held: undefined, lineage: undefined };
    const answer = await this.call('checkIn', { account, jkt, freshId: this.fresh('inst'), request, ...shown });
    if (answer === undefined) return;
    agent.parent = answer.issued.lease.jti;
    agent.instance = answer.issued.lease.sub;
  }

  /** The state of a machine on other hardware, or on the same. */
  copy(agent: Agent, elsewhere: boolean): Agent {
    const name = this.fresh('copy');
    const { os, kind } = agent.report;
    const report = elsewhere ? machine(`${this.account} ${name}`, { os, kind }) : agent.report;
    const copy = { ...agent, name, report, license: null };
    this.agents.push(copy);
    return copy;
  }

  async deactivate(agent: Agent): Promise<void> {
    if (agent.instance === null) return;
    const chain = { parent: agent.parent, nonce: hash(this.fresh(`${this.account} nonce`)) };
    const request = { instance: agent.instance, chain };
    await this.call('deactivate', { account: this.account, jkt: agent.jkt, request });
  }

  /** The clock goes on, and what is due is done. */
  async wait(hours: number): Promise<void> {
    this.now += hours * 3_600_000;
    for (const name of await this.store.read('dueWork', { account: this.account, now: this.now }))
      await this.call('doTimedWork', { account: this.account, name, node: 'here' });
  }
}
