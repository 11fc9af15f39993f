import { LeaseholdError } from '@leasehold/protocol';
import type { ProblemLog } from '../problem-log.js';
import { folderProblem } from './state-problems.js';
import { askAgent, openAgentSocket } from '../socket/status-socket.js';
import type { AgentService, AgentSocket, AgentSocketOptions } from '../socket/status-socket.js';

/** - `pending`: nobody else was seen in the state folder, and it is taken right after the first answer; nothing is
 *   written before;
 * - `owner`: this process writes the state folder;
 * - `reader`: another one does, and this one reads what it wrote;
 * - `none`: the folder cannot be taken (read-only, full): nothing is written, the rest goes on in memory. */
export type Role = 'pending' | 'owner' | 'reader' | 'none';

export interface OwnershipParts {
  readonly service: AgentService;
  readonly socket: AgentSocketOptions;
  readonly problems: ProblemLog;
  /** The folder is ours from now on, and `former` is what we were; what it holds counts, not what was read before. */
  readonly onOwned: (former: Role) => Promise<void>;
}

/** Who writes the state folder: one process, found out anew as long as it is not us. */
export class Ownership {
  readonly #parts: OwnershipParts;
  #socket: AgentSocket | undefined;
  #role: Role = 'pending';
  #taking: Promise<Role> | undefined;
  #closed = false;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  get role(): Role {
    return this.#role;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Takes the folder, if it is free. */
  async take(): Promise<Role> {
    if (this.#role === 'owner') return this.#taking ?? 'owner';
    // Nobody would let it go again.
    if (this.#closed) return this.#role;
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  /** Who writes the folder: what every write waits for. */
  async settled(): Promise<Role> {
    return this.#role === 'pending' ? this.take() : (this.#taking ?? this.#role);
  }

  /** The folder cannot be written: it is left alone until the next contact. */
  giveUp(problem: LeaseholdError): void {
    this.#role = 'none';
    this.#parts.problems.note('folder', problem);
  }

  async #take(): Promise<Role> {
    const { service, socket, problems, onOwned } = this.#parts;
    const taken = await openAgentSocket(service, socket);
    const former = this.#role;
    if (taken.outcome === 'owner') {
      this.#socket = taken.socket;
      this.#role = 'owner';
      problems.cured('lock', 'folder');
      await onOwned(former);
    } else if (taken.outcome === 'in_use') {
      this.#role = 'reader';
      problems.cured('folder');
      problems.note('lock', inUse(socket.folder));
    } else this.giveUp(folderProblem(taken, socket.folder, 'write'));
    return this.#role;
  }

  /** Has the process that writes the folder ask the authority. */
  async checkByOwner(): Promise<LeaseholdError | undefined> {
    const { socket } = this.#parts;
    const answer = await askAgent(socket, 'check', CHECK_TIMEOUT_MS);
    return answer.outcome === 'answered' ? undefined : inUse(socket.folder);
  }

  /** Throws STATE_IN_USE where another process writes the folder: what is changed here would be lost. */
  async assertNotReader(): Promise<void> {
    if ((await this.settled()) === 'reader') throw inUse(this.#parts.socket.folder);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#taking;
    this.#role = 'none';
    await this.#socket?.close();
    this.#socket = undefined;
  }
}

/** Long enough for a check-in over a slow line. */
const CHECK_TIMEOUT_MS = 60_000;

function inUse(folder: string): LeaseholdError {
  return new LeaseholdError('STATE_IN_USE', `Another process uses the license state ${folder}; this one only reads.`, {
    remedy: 'Give each service a stateDir of its own, or let one process hold the license and ask it.',
  });
}
