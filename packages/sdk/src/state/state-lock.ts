import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { shortageOf } from '@leasehold/protocol';
import { errorCode, nodeFileSystem, ownFolder, unavailable } from './durable-file.js';
import type { Unavailable } from './durable-file.js';
import { askLocal, listenLocal } from '../socket/local-socket.js';
import type { Answers, LocalServer } from '../socket/local-socket.js';
import { lockSockets, pipePath } from './lock-names.js';

/** Only one process writes a state folder. It holds a listening socket in it: the system takes the socket down with the
 * process, however that ends, so there is no lock to be left behind and no process id to be taken for another's.
 *
 * Each process listens first, on a name of its own, and looks at the others afterwards; so of two that start together at
 * least one sees the other. Among candidates the smallest name wins, and whoever sees an owner gives way. */
interface StateLock {
  release(): Promise<void>;
}

export type LockOutcome =
  | { readonly outcome: 'owner'; readonly lock: StateLock }
  /** Another process writes this folder; ask it through its status socket. */
  | { readonly outcome: 'in_use' }
  | Unavailable;

/** Room of a socket's path in its system call, less the closing zero (unix(7)). */
const MAX_PATH = 103;
/** An election among processes that start together takes milliseconds; twenty on a loaded machine, seconds. */
const ELECTION_MS = 20_000;
const PAUSE_MS = 10;
/** Who does not tell its role by then is stopped or busy, and there. */
const ROLE_MS = 3000;

/** Takes the folder for this process. `answers` are what its owner tells to other processes of the same user. Never
 * rejects. */
export async function acquireStateLock(folder: string, answers: Answers): Promise<LockOutcome> {
  try {
    // A folder has its one real path, by which a pipe is called, only once it is there.
    await ownFolder(nodeFileSystem, folder);
    if (process.platform === 'win32') return await acquirePipe(folder, answers);
    const at = await socketFolder(folder);
    const outcome = await elect(at.path, answers).catch(unavailable);
    if (outcome.outcome !== 'owner') {
      await at.close();
      return outcome;
    }
    const { server } = outcome;
    const release = async (): Promise<void> => {
      await server.close();
      await at.close();
    };
    return { outcome: 'owner', lock: { release } };
  } catch (cause) {
    return unavailable(cause);
  }
}

/** A path to `folder` that is short enough for a socket: a long one goes through the descriptor of the open folder. */
export async function socketFolder(
  folder: string,
): Promise<{ readonly path: string; readonly close: () => Promise<void> }> {
  const room = MAX_PATH - 'agent-0123456789abcdef.sock'.length - 1;
  if (Buffer.byteLength(folder) <= room) return { path: folder, close: async () => undefined };
  if (process.platform !== 'linux') throw new RangeError(`The path of the state folder is longer than ${room} bytes.`);
  const handle = await open(folder, 'r');
  return { path: `/proc/self/fd/${handle.fd}`, close: () => handle.close() };
}

type Elected = { readonly outcome: 'owner'; readonly server: LocalServer } | { readonly outcome: 'in_use' };

async function elect(folder: string, answers: Answers): Promise<Elected> {
  for (const end = performance.now() + ELECTION_MS; performance.now() < end; await pause()) {
    const standing = await Promise.all((await lockSockets(folder)).map(roleBehind));
    if (standing.includes('owner')) break;
    // Whoever stands is decided soon, once nobody stands beside him: on a loaded machine twenty kept each other waiting.
    if (standing.includes('candidate')) continue;
    const elected = await stand(folder, answers, end);
    if (elected === 'in_use') break;
    if (elected !== 'gave_way') return { outcome: 'owner', server: elected };
  }
  return { outcome: 'in_use' };
}

/** 16 hex digits: the microsecond, so that who stands again comes after who stood before and never unseats him, and some
 * chance for two in one microsecond. */
function nextName(): string {
  const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  return micros.toString(16).padStart(13, '0').slice(-13) + randomBytes(2).toString('hex').slice(1);
}

/** Listens as a candidate until there is no other, or gives way. */
async function stand(folder: string, answers: Answers, end: number): Promise<LocalServer | 'in_use' | 'gave_way'> {
  const own = join(folder, `agent-${nextName()}.sock`);
  let role: 'candidate' | 'owner' = 'candidate';
  const server = await listenLocal(own, { ...answers, role: () => role });
  try {
    for (; performance.now() < end; await pause()) {
      const paths = await lockSockets(folder);
      // Taken for dead between its birth and its first word: nobody can see this socket any more.
      if (!paths.includes(own)) break;
      const others = paths.filter((path) => path !== own);
      const roles = await Promise.all(others.map(roleBehind));
      await Promise.all(others.filter((_, n) => roles[n] === 'gone').map((path) => rm(path, { force: true })));
      if (roles.every((other) => other === 'gone')) {
        role = 'owner';
        return server;
      }
      if (roles.includes('owner')) return await leave(server, 'in_use');
      if (others.some((path, n) => roles[n] === 'candidate' && path < own)) break;
    }
    return await leave(server, 'gave_way');
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function leave<T>(server: LocalServer, outcome: T): Promise<T> {
  await server.close();
  return outcome;
}

/** A process that listens and is too busy to answer, or stopped, still holds the folder; one that hangs up is about to
 * give way, or full, and is asked again. */
async function roleBehind(path: string): Promise<'owner' | 'candidate' | 'gone' | 'undecided'> {
  const answer = await askLocal(path, 'role', ROLE_MS);
  if (answer.outcome === 'gone') return 'gone';
  if (answer.outcome === 'hung_up') return 'undecided';
  // It was never asked: that we have no file left to open says nothing of who holds the folder.
  if (answer.outcome === 'silent' && shortageOf(errorCode(answer.cause)) !== undefined) throw answer.cause;
  return answer.outcome === 'answered' && answer.value === 'candidate' ? 'candidate' : 'owner';
}

/** Windows gives the name of a pipe to the first process alone and takes it back when that ends. */
async function acquirePipe(folder: string, answers: Answers): Promise<LockOutcome> {
  try {
    const server = await listenLocal(pipePath(folder), { ...answers, role: () => 'owner' });
    return { outcome: 'owner', lock: { release: () => server.close() } };
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    return taken ? { outcome: 'in_use' } : unavailable(cause);
  }
}

function pause(): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, PAUSE_MS);
  });
}
