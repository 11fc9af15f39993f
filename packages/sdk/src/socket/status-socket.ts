import { chmod, chown, lstat, mkdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unavailable } from '../state/durable-file.js';
import type { Unavailable } from '../state/durable-file.js';
import { askLocal, listenLocal } from './local-socket.js';
import type { LocalAnswer } from './local-socket.js';
import { folderId, lockSockets } from '../state/lock-names.js';
import { acquireStateLock, socketFolder } from '../state/state-lock.js';

/** What a process that holds a license tells others on this machine. `status` must be redacted already: every local user
 * may read it. `check` asks the authority now, and answers the status after it. */
export interface AgentService {
  status(): unknown;
  check(): Promise<unknown>;
}

export interface AgentSocketOptions {
  /** The state folder. */
  readonly folder: string;
  /** Where other users find the sockets; by default `/run/leasehold` for root and `/tmp/leasehold-<uid>` for others. */
  readonly runFolder?: string;
  /** The group that may ask for a check; by default the group of the process. */
  readonly gid?: number;
}

export interface AgentSocket {
  /** Why other users cannot read the status, where they cannot; the lock holds all the same. */
  readonly unpublished?: Unavailable;
  close(): Promise<void>;
}

export type AgentSocketOutcome =
  | { readonly outcome: 'owner'; readonly socket: AgentSocket }
  /** Another process holds the state folder (STATE_IN_USE); `status` is what it tells, undefined where it is too busy. */
  | { readonly outcome: 'in_use'; readonly status: unknown }
  | Unavailable;

/** A second process does not wait longer than this for the status of one that is stopped. */
const BUSY_MS = 1000;

/** Takes the state folder as its one writer and answers other processes from now on. The same user and root may ask all;
 * everyone may read the status; the group may ask for a check. Never rejects. */
export async function openAgentSocket(service: AgentService, given: AgentSocketOptions): Promise<AgentSocketOutcome> {
  const options = { ...given, folder: resolve(given.folder) };
  const answers = { status: () => service.status(), check: () => service.check() };
  const taken = await acquireStateLock(options.folder, answers);
  if (taken.outcome === 'unavailable') return taken;
  if (taken.outcome === 'in_use') {
    const answer = await askAgent(options, 'status', BUSY_MS);
    return { outcome: 'in_use', status: answer.outcome === 'answered' ? answer.value : undefined };
  }
  const published = await publish(answers, options).catch(unavailable);
  if (published.outcome === 'unavailable') {
    return { outcome: 'owner', socket: { unpublished: published, close: () => taken.lock.release() } };
  }
  const close = async (): Promise<void> => {
    await published.close();
    await taken.lock.release();
  };
  return { outcome: 'owner', socket: { close } };
}

/** Asks the process that holds the state folder, from another one, also as another user. Never rejects; `gone` when no
 * process holds it. `timeoutMs` must outlast a check-in for `check`. */
export async function askAgent(
  options: AgentSocketOptions,
  ask: 'status' | 'check',
  timeoutMs?: number,
): Promise<LocalAnswer> {
  let last: LocalAnswer = { outcome: 'gone', cause: undefined };
  for (const reach of [askInside, askPublished]) {
    const answer = await reach(options, ask, timeoutMs).catch((cause: unknown): LocalAnswer => ({
      outcome: unavailable(cause).reason === 'not_permitted' ? 'not_permitted' : 'gone',
      cause,
    }));
    if (answer.outcome !== 'gone' && answer.outcome !== 'not_permitted') return answer;
    if (last.outcome === 'gone') last = answer;
  }
  return last;
}

async function askInside(options: AgentSocketOptions, ask: string, timeoutMs?: number): Promise<LocalAnswer> {
  const folder = resolve(options.folder);
  const at = process.platform === 'win32' ? { path: folder, close: async () => undefined } : await socketFolder(folder);
  try {
    let last: LocalAnswer = { outcome: 'gone', cause: undefined };
    for (const path of await lockSockets(at.path)) {
      const answer = await askLocal(path, ask, timeoutMs);
      if (answer.outcome !== 'gone') last = answer;
    }
    return last;
  } finally {
    await at.close();
  }
}

async function askPublished(options: AgentSocketOptions, ask: string, timeoutMs?: number): Promise<LocalAnswer> {
  const owner = (await stat(resolve(options.folder))).uid;
  const folder = options.runFolder ?? defaultRunFolder(owner);
  // In /tmp anybody may make a folder of this name: only the owner of the state speaks for it.
  const uid = (await lstat(folder)).uid;
  if (uid !== owner && uid !== 0) return { outcome: 'gone', cause: new Error(`${folder} belongs to another user.`) };
  return askLocal(publishedPath(folder, options.folder, ask), ask, timeoutMs);
}

async function publish(
  answers: { readonly status: () => unknown; readonly check: () => Promise<unknown> },
  options: AgentSocketOptions,
): Promise<{ readonly outcome: 'published'; readonly close: () => Promise<void> } | Unavailable> {
  // A pipe of Windows is reached by its name: the lock itself is the place.
  if (process.platform === 'win32') return { outcome: 'published', close: async () => undefined };
  const owner = (await stat(options.folder)).uid;
  const folder = options.runFolder ?? defaultRunFolder(owner);
  const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
  const found = await lstat(folder);
  if (!found.isDirectory() || (found.uid !== owner && found.uid !== 0)) {
    return unavailable(Object.assign(new Error(`${folder} belongs to another user.`), { code: 'EPERM' }));
  }
  // Whatever the process masks out: others must be able to reach the sockets.
  if (isNew) await chmod(folder, 0o755);
  const [forAll, forGroup] = ['status', 'check'].map((ask) => publishedPath(folder, options.folder, ask)) as [
    string,
    string,
  ];
  // Whoever made them is gone: this process holds the lock.
  await Promise.all([rm(forAll, { force: true }), rm(forGroup, { force: true })]);
  const open = await listenLocal(forAll, { status: answers.status }, { readableAll: true, writableAll: true });
  const control = await listenLocal(forGroup, answers);
  if (options.gid !== undefined) await chown(forGroup, -1, options.gid);
  await chmod(forGroup, 0o660);
  return {
    outcome: 'published',
    close: async () => {
      await Promise.all([open.close(), control.close()]);
    },
  };
}

/** No environment variable has a say in it: two processes with different ones must find each other. */
function defaultRunFolder(uid: number): string {
  return uid === 0 ? '/run/leasehold' : `/tmp/leasehold-${uid}`;
}

function publishedPath(runFolder: string, folder: string, ask: string): string {
  return join(runFolder, `${folderId(folder)}.${ask === 'check' ? 'control' : 'status'}.sock`);
}
