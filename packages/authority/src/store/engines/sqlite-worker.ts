import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { sqliteProblem } from '../problems.js';
import { memberOf, type Registry } from '../registry.js';
import { settled, SqliteEngine } from './sqlite.js';
import { OPENED, toPlain, type Call, type Reply, type WorkerSetup } from './sqlite-messages.js';

type Execute = Extract<Call, { kind: 'execute' }>;
type Read = Extract<Call, { kind: 'read' }>;
type Hold = Extract<Call, { kind: 'hold' }>;

/** How long queries may go on before the next commit, so that neither side starves the other. */
const BETWEEN_COMMITS_MS = 10;
/** Above so many that wait, half of them go into one commit: the HTTP thread serves the callers of one half while the other
 * is committed. All of them in one, the two threads would wait for each other. */
const FEW = 32;

/** Serves a store's calls on the database, in the storage worker: whole commands in the order of their arrival, as
 * many as wait, or half of many (up to `commitSize`), in one commit, answered after it; queries between the commits. */
export async function serveStore(registry: Registry): Promise<void> {
  const port = parentPort!;
  const { path, now, commitSize } = workerData as WorkerSetup;
  try {
    const engine = await SqliteEngine.open(path, registry, now);
    new StorageWorker(engine, registry, port, commitSize).start();
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
  readonly #commitSize: number;
  readonly #commands: Execute[] = [];
  /** What runs between two commits. */
  readonly #between: (Read | Hold)[] = [];
  #closing: number | undefined;
  #busy = false;

  constructor(engine: SqliteEngine, registry: Registry, port: MessagePort, commitSize: number) {
    this.#engine = engine;
    this.#registry = registry;
    this.#port = port;
    this.#commitSize = commitSize;
  }

  start(): void {
    this.#port.on('message', (calls: readonly Call[]) => {
      this.#take(calls);
      if (!this.#busy) void this.#work();
    });
  }

  #take(calls: readonly Call[]): void {
    for (const call of calls)
      if (call.kind === 'execute') this.#commands.push(call);
      else if (call.kind === 'close') this.#closing = call.id;
      else this.#between.push(call);
  }

  /** Takes what arrived while the last commit was written, which the event loop has not delivered yet. */
  #takeArrived(): void {
    let arrived = receiveMessageOnPort(this.#port);
    while (arrived !== undefined) {
      this.#take(arrived.message as readonly Call[]);
      arrived = receiveMessageOnPort(this.#port);
    }
  }

  async #work(): Promise<void> {
    this.#busy = true;
    this.#takeArrived();
    while (this.#commands.length > 0 || this.#between.length > 0) {
      if (this.#commands.length > 0) this.#answer(await this.#commit(this.#next()));
      await this.#serveBetween();
      this.#takeArrived();
    }
    this.#busy = false;
    if (this.#closing !== undefined) this.#close(this.#closing);
  }

  #next(): Execute[] {
    const waiting = this.#commands.length;
    const share = waiting > FEW ? Math.ceil(waiting / 2) : waiting;
    return this.#commands.splice(0, Math.min(share, this.#commitSize));
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

  async #serveBetween(): Promise<void> {
    const begun = performance.now();
    const replies: Reply[] = [];
    while (this.#between.length > 0 && performance.now() - begun < BETWEEN_COMMITS_MS)
      replies.push(await this.#serve(this.#between.shift()!));
    this.#answer(replies);
  }

  async #serve(call: Read | Hold): Promise<Reply> {
    try {
      const value = call.kind === 'read' ? await this.#ask(call) : this.#engine.holdStill(call.still);
      return { id: call.id, ok: true, value, positions: [] };
    } catch (thrown) {
      return failure(call.id, thrown);
    }
  }

  async #ask({ name, input }: Read): Promise<unknown> {
    return settled(memberOf(this.#registry.queries, name)(this.#engine, input));
  }

  #answer(replies: readonly Reply[]): void {
    if (replies.length === 0) return;
    try {
      this.#port.postMessage(replies);
    } catch {
      // One of them holds what cannot travel between threads (a function, say): its caller alone is told.
      for (const reply of replies) this.#answerOne(reply);
    }
  }

  #answerOne(reply: Reply): void {
    try {
      this.#port.postMessage([reply]);
    } catch (thrown) {
      this.#port.postMessage([failure(reply.id, thrown)]);
    }
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
