import { accessSync, constants, statfsSync } from 'node:fs';
import { LeaseholdError, shortageOf } from '@leasehold/protocol';
import type { ProblemCode, ShortageReason } from '@leasehold/protocol';
import { CONFINED, errorCode, unavailable } from './durable-file.js';
import type { Unavailable, UnavailableReason } from './durable-file.js';
import type { DamageReason, StateOutcome } from './state-store.js';

const DAMAGE: Readonly<Record<DamageReason, string>> = {
  empty: 'is empty',
  truncated: 'ends in the middle',
  not_a_state_file: 'is no state file',
  newer_format: 'was written by a newer version',
  edited: 'was changed by somebody else',
  other_machine: 'belongs to another machine',
  unreadable: 'cannot be read from the disk',
  key_missing: 'cannot be opened: its key file store.key is gone',
  key_damaged: 'cannot be opened: its key file store.key is damaged',
};

/** What is wrong with the license state, undefined where it is well or not there yet. */
export function stateProblem(outcome: Exclude<StateOutcome, Unavailable>, folder: string): LeaseholdError | undefined {
  if (outcome.outcome === 'absent') return undefined;
  const damaged = outcome.damaged[0];
  if (damaged === undefined) return undefined;
  const { file, reason } = damaged;
  const message = `The license state ${folder}/${file} ${DAMAGE[reason]}.`;
  if (outcome.outcome === 'found') {
    return new LeaseholdError('STATE_DAMAGED', `${message} The generation before it is used.`, {
      remedy: 'Nothing is to be done: the next check-in writes it anew.',
      reason,
    });
  }
  if (reason === 'newer_format') return newerForm(message, reason);
  return new LeaseholdError(reason === 'other_machine' ? 'STATE_FOREIGN' : 'STATE_DAMAGED', message, {
    remedy: 'Activate again with the license key: the same machine gets its own seat back. Restores stay open.',
    reason,
  });
}

/** Sealed by us, and in a form that this version does not know. */
export function newerForm(
  message: string = 'The license state was written by a newer version.',
  reason: DamageReason = 'newer_format',
): LeaseholdError {
  const remedy = 'Install the newer version of the product again, or activate this one with its license key.';
  return new LeaseholdError('UNSUPPORTED_VERSION', message, { remedy, reason });
}

const FOLDER: Readonly<Record<Exclude<UnavailableReason, ShortageReason>, readonly [ProblemCode, string, string]>> = {
  disk_full: ['DISK_FULL', 'The disk of the license state is full', 'Free some space; nothing that was there is lost.'],
  read_only: ['READ_ONLY_FOLDER', 'The license state lies on a read-only disk', 'Mount it for writing.'],
  not_permitted: [
    'PERMISSION_DENIED',
    'This user may not use the folder of the license state',
    'Give the folder to the user that the service runs as, with mode 700.',
  ],
  not_a_folder: [
    'STATE_UNAVAILABLE',
    'There is no folder at the path of the license state',
    'Remove the file or link that stands there, or give another stateDir.',
  ],
  not_a_file: [
    'STATE_UNAVAILABLE',
    'A folder stands in the place of a file of the license state',
    'Move it away; the file is then written anew, or put back from a backup.',
  ],
  io_error: ['STATE_UNAVAILABLE', 'The disk of the license state fails', 'Check the disk and its cable or mount.'],
};

/** What keeps the folder from being read or written. A folder that can be read and not written has a name of its own. */
export function folderProblem({ reason, cause }: Unavailable, folder: string, doing: 'read' | 'write'): LeaseholdError {
  const system = errorCode(cause);
  const shortage = shortageOf(system);
  if (shortage !== undefined) {
    const message = `${shortage.message}: the license state (${folder}) could not be ${doing === 'read' ? 'read' : 'written'}.`;
    return new LeaseholdError('STATE_UNAVAILABLE', message, { remedy: shortage.remedy, reason: system, cause });
  }
  const [code, message, remedy] = FOLDER[reason as keyof typeof FOLDER];
  const readOnly = doing === 'write' && reason === 'not_permitted';
  if (system === CONFINED) return confined(cause, folder, readOnly);
  return new LeaseholdError(
    readOnly ? 'READ_ONLY_FOLDER' : code,
    `${readOnly ? 'This user may not write to the folder of the license state' : message} (${folder}).`,
    { remedy, reason: system === '' ? reason : system, cause },
  );
}

/** What Node's permission model names, and the flag that grants it. */
const GRANTS: Readonly<Record<string, string>> = {
  FileSystemRead: '--allow-fs-read for this folder',
  FileSystemWrite: '--allow-fs-write for this folder',
  Net: '--allow-net',
};

/** The user may, the process may not: no mode of the folder cures that. */
function confined(cause: unknown, folder: string, readOnly: boolean): LeaseholdError {
  const grant = GRANTS[String((cause as { readonly permission?: unknown }).permission)] ?? 'what it lacks';
  return new LeaseholdError(
    readOnly ? 'READ_ONLY_FOLDER' : 'PERMISSION_DENIED',
    `Node keeps this process from the folder of the license state (${folder}).`,
    { remedy: `Start Node with ${grant}: its permission model is on.`, reason: CONFINED, cause },
  );
}

/** Less than this is no room for one more generation of the state. Bytes. */
const ROOM = 65_536;

/** Could the state be written? Found out without writing, so that an agent which only asks at its start says so too. */
export function probeFolder(folder: string): LeaseholdError | undefined {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize >= ROOM) return undefined;
    return folderProblem({ outcome: 'unavailable', reason: 'disk_full', cause: undefined }, folder, 'write');
  } catch (cause) {
    // A folder that is not there yet is made with the first write, which tells what stands in its way.
    if (errorCode(cause) === 'ENOENT') return undefined;
    return folderProblem(unavailable(cause), folder, 'write');
  }
}
