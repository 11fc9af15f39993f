import type { Worker } from 'node:worker_threads';
import { LeaseholdError } from '@leasehold/protocol';
import { isOfStorage, overloaded, unavailable } from '../problems.js';
import type { Registry } from '../registry.js';
import { UnderWay } from '../../under-way.js';
import type { Executed, Store, StoreHealth } from '../store.js';
import type { Position } from '../tx.js';
import { spawnWorker } from './spawn-worker.js';
import type { Call, Reply } from './sqlite-messages.js';

type Unsent = Call extends infer One ? (One extends Call ? Omit<One, 'id'> : never) : never;

interface Waiting {
  readonly kind: Call['kind'] | 'open';
  readonly resolve: (done: Executed<unknown>) => void;
  readonly reject: (problem: LeaseholdError) => void;
}

/** The HTTP thread's side of the SQLite store: it only posts calls and settles replies, so no storage code runs here. */
export async function openSqlite<R extends Registry>(
  path: string,
  registry: R,
  settings: { readonly maxWaiting: number; readonly commitSize: number; readonly now: number },
): Promise<Store<R>> {
  const worker = await spawnWorker(registry, { path, now: settings.now, commitSize: settings.commitSize });
  const store = new SqliteStore(worker, path, settings.maxWaiting);
  await store.opened();
  return store;
}

class SqliteStore implements Store {
  readonly engine = 'sqlite';
  readonly #worker: Worker;
  readonly #path: string;
  readonly #maxWaiting: number;
  #waiting = new UnderWay<Waiting>();
  readonly #listeners = new Set<(positions: readonly Position[]) => void>();
  readonly #unsent: Call[] = [];
  #broken: LeaseholdError | undefined;
  /** How file or disk failed, until a command is done again: those that the clock brings try it, too. */
  #failing: LeaseholdError | undefined;

  constructor(worker: Worker, path: string, maxWaiting: number) {
    this.#worker = worker;
    this.#path = path;
    this.#maxWaiting = maxWaiting;
    worker.on('message', (replies: readonly Reply[]) => this.#settle(replies));
    worker.on('error', (cause) => this.#break(unavailable('The storage worker failed.', cause)));
    worker.on('exit', () => this.#break(unavailable('The store is closed.', undefined)));
  }

  async opened(): Promise<void> {
    await new Promise((resolve, reject) => this.#waiting.add({ kind: 'open', resolve, reject }));
  }

  async execute(name: string, input: unknown, now: number): Promise<Executed<never>> {
    return (await this.#call({ kind: 'execute', name, input, now })) as Executed<never>;
  }

  async read(name: string, input: unknown): Promise<never> {
    return (await this.#call({ kind: 'read', name, input })).outcome as never;
  }

  onCommit(told: (positions: readonly Position[]) => void): () => void {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  }

  async health(): Promise<StoreHealth> {
    const known = { engine: this.engine, ok: this.#broken === undefined, waiting: this.#waiting.size } as const;
    const problem = this.#broken ?? this.#failing;
    return problem === undefined ? known : { ...known, problem };
  }

  async withStillFile(work: (file: string) => Promise<void>): Promise<void> {
    await this.#call({ kind: 'hold', still: true });
    try {
      await work(this.#path);
    } finally {
      await this.#call({ kind: 'hold', still: false });
    }
  }

  async close(): Promise<void> {
    if (this.#broken !== undefined) return;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    const closed = this.#call({ kind: 'close' });
    // Nothing may reach the database once it is closed: what is under way ends first, what comes now is refused.
    this.#broken = unavailable('The store is closed.', undefined);
    await closed;
    await ended;
  }

  #call(call: Unsent): Promise<Executed<unknown>> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#waiting.size >= this.#maxWaiting) return Promise.reject(overloaded(this.#waiting.size));
    return new Promise((resolve, reject) => {
      const id = this.#waiting.add({ kind: call.kind, resolve, reject });
      if (this.#unsent.push({ id, ...call }) === 1) queueMicrotask(() => this.#send());
    });
  }

  /** Calls made in the same turn travel in one message: they land in the same commit, and a message costs more than
   * what is in it. */
  #send(): void {
    const calls = this.#unsent.splice(0);
    try {
      this.#worker.postMessage(calls);
    } catch (cause) {
      // An input that cannot travel between threads (a function, say): its own caller is told.
      for (const call of calls) this.#sendOne(call, cause);
    }
  }

  #sendOne(call: Call, cause: unknown): void {
    try {
      this.#worker.postMessage([call]);
    } catch {
      const problem = new LeaseholdError('INTERNAL', 'The input is not plain data.', { cause });
      this.#waiting.take(call.id)?.reject(problem);
    }
  }

  #settle(replies: readonly Reply[]): void {
    const committed: Position[] = [];
    for (const reply of replies) {
      const waiting = this.#waiting.take(reply.id);
      if (!reply.ok) {
        const { code, message, details } = reply.problem;
        const problem = new LeaseholdError(code, message, details);
        if (isOfStorage(problem)) this.#failing = problem;
        waiting?.reject(problem);
        continue;
      }
      if (waiting?.kind === 'execute') this.#failing = undefined;
      committed.push(...reply.positions);
      waiting?.resolve({ outcome: reply.value, positions: reply.positions });
    }
    if (committed.length > 0) for (const told of this.#listeners) told(committed);
  }

  #break(problem: LeaseholdError): void {
    this.#broken ??= problem;
    for (const waiting of this.#waiting.all()) waiting.reject(this.#broken);
    this.#waiting = new UnderWay();
  }
}
