import { LeaseholdError } from '@leasehold/protocol';
import type { ProblemLog } from './problem-log.js';
import { folderProblem } from './state-problems.js';
import { askAgent, openAgentSocket } from './status-socket.js';
import type { AgentService, AgentSocket, AgentSocketOptions } from './status-socket.js';

/** - `owner`: this process writes the state folder;
 * - `reader`: another one does, and this one reads what it wrote;
 * - `none`: the folder cannot be taken (read-only, full): nothing is written, the rest goes on in memory. */
export type Role = 'owner' | 'reader' | 'none';

/** Who writes the state folder: one process, found out anew as long as it is not us. */
export class Ownership {
  readonly #service: AgentService;
  readonly #options: AgentSocketOptions;
  readonly #problems: ProblemLog;
  #socket: AgentSocket | undefined;
  #role: Role = 'none';

  constructor(service: AgentService, options: AgentSocketOptions, problems: ProblemLog) {
    this.#service = service;
    this.#options = options;
    this.#problems = problems;
  }

  get role(): Role {
    return this.#role;
  }

  /** Takes the folder, if it is free. */
  async take(): Promise<Role> {
    if (this.#role === 'owner') return 'owner';
    const { folder } = this.#options;
    const taken = await openAgentSocket(this.#service, this.#options);
    if (taken.outcome === 'owner') {
      this.#socket = taken.socket;
      this.#role = 'owner';
      this.#problems.cured('lock', 'folder');
    } else if (taken.outcome === 'in_use') {
      this.#role = 'reader';
      this.#problems.cured('folder');
      this.#problems.note('lock', inUse(folder));
    } else {
      this.#role = 'none';
      this.#problems.note('folder', folderProblem(taken, folder, 'write'));
    }
    return this.#role;
  }

  /** Has the process that writes the folder ask the authority. */
  async checkByOwner(): Promise<LeaseholdError | undefined> {
    const answer = await askAgent(this.#options, 'check', CHECK_TIMEOUT_MS);
    return answer.outcome === 'answered' ? undefined : inUse(this.#options.folder);
  }

  async close(): Promise<void> {
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
