import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { sqliteProblem } from '../problems.js';
import { memberOf, type Registry } from '../registry.js';
import { SqliteEngine } from './sqlite.js';
import { OPENED, toPlain, type Call, type Reply, type WorkerSetup } from './sqlite-messages.js';

type Execute = Extract<Call, { kind: 'execute' }>;
type Read = Extract<Call, { kind: 'read' }>;

/** How many commands share one commit. Measured: the gain grows up to here and flattens after. */
const COMMIT_SIZE = 64;
/** How many queries run between two commits, so that neither side starves the other. */
const READS_BETWEEN = 16;

/** Serves a store's calls on the database, in the storage worker: whole commands in the order of their arrival, as
 * many as wait (up to COMMIT_SIZE) in one commit, answered after it; queries between the commits. */
export async function serveStore(registry: Registry): Promise<void> {
  const port = parentPort!;
  const { path, now } = workerData as WorkerSetup;
  try {
    const engine = await SqliteEngine.open(path, registry.migrations, now);
    new StorageWorker(engine, registry, port).start();
    port.postMessage([{ id: OPENED, ok: true, value: null, positions: [] } satisfies Reply]);
  } catch (thrown) {
    port.postMessage([failure(OPENED, thrown)]);
    port.close();
  }
}

class StorageWorker {
  readonly #engine: SqliteEngine;
  readonly #registry: Registry;
  readonly #port: MessagePort;
  readonly #commands: Execute[] = [];
  readonly #queries: Read[] = [];
  #closing: number | undefined;
  #busy = false;

  constructor(engine: SqliteEngine, registry: Registry, port: MessagePort) {
    this.#engine = engine;
    this.#registry = registry;
    this.#port = port;
  }

  start(): void {
    this.#port.on('message', (call: Call) => {
      this.#take(call);
      if (!this.#busy) void this.#work();
    });
  }

  #take(call: Call): void {
    if (call.kind === 'execute') this.#commands.push(call);
    else if (call.kind === 'read') this.#queries.push(call);
    else this.#closing = call.id;
  }

  /** Takes what arrived while the last commit was written, which the event loop has not delivered yet. */
  #takeArrived(): void {
    let arrived = receiveMessageOnPort(this.#port);
    while (arrived !== undefined) {
      this.#take(arrived.message as Call);
      arrived = receiveMessageOnPort(this.#port);
    }
  }

  async #work(): Promise<void> {
    this.#busy = true;
    this.#takeArrived();
    while (this.#commands.length > 0 || this.#queries.length > 0) {
      if (this.#commands.length > 0) this.#answer(await this.#commit(this.#commands.splice(0, COMMIT_SIZE)));
      const replies: Reply[] = [];
      for (const query of this.#queries.splice(0, READS_BETWEEN)) replies.push(await this.#ask(query));
      this.#answer(replies);
      this.#takeArrived();
    }
    this.#busy = false;
    if (this.#closing !== undefined) this.#close(this.#closing);
  }

  async #commit(calls: readonly Execute[]): Promise<Reply[]> {
    const done = await this.#engine.commit(
      calls.map(({ name, input, now }) => ({
        now,
        run: async (tx) => memberOf(this.#registry.commands, name)(tx, input, now),
      })),
    );
    return done.map((one, index) => {
      const { id } = calls[index]!;
      return one.ok ? { id, ok: true, value: one.value, positions: one.positions } : failure(id, one.problem);
    });
  }

  async #ask({ id, name, input }: Read): Promise<Reply> {
    try {
      const value = await memberOf(this.#registry.queries, name)(this.#engine, input);
      return { id, ok: true, value, positions: [] };
    } catch (thrown) {
      return failure(id, thrown);
    }
  }

  #answer(replies: readonly Reply[]): void {
    if (replies.length > 0) this.#port.postMessage(replies);
  }

  #close(id: number): void {
    this.#engine.close();
    this.#answer([{ id, ok: true, value: null, positions: [] }]);
    this.#port.close();
  }
}

function failure(id: number, thrown: unknown): Reply {
  return { id, ok: false, problem: toPlain(sqliteProblem(thrown)) };
}
