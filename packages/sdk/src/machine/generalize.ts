import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LeaseholdError } from '@leasehold/protocol';
import { waitFor } from '../abort.js';
import { mistake } from '../given.js';
import { deactivate } from '../lease/deactivate.js';
import { nodeFileSystem, syncFolder, unavailable } from '../state/durable-file.js';
import type { GeneralizeOutcome, GeneralizeWishes } from '../license.js';
import type { LicenseParts } from '../license-handle.js';
import { asLeaseholdError, statusProblem } from '../problem-log.js';
import { folderProblem } from '../state/state-problems.js';
import { STORE_KEY_FILE } from '../state/state-store.js';

/** Sealed documents, usage segments, and what was kept aside or left behind of them. What does not look so is not ours. */
const OURS =
  /^(store\.key|lineage\.note|(license|secrets|intent|exchange)\.[ab]|usage-\d{8}-\d{10}-[A-Za-z0-9_-]{11}\.(rows|sums))(\.damaged|\.tmp)?$/;

/** Makes this installation ready to be copied: its usage is handed in, its seat given back, and device key, lease, chain
 * and reports are removed, so that each copy enrolls as a machine of its own. Settings and the file with the enrollment
 * key lie elsewhere and stay. Refused while anything would be lost; interrupted, it can be repeated: the key that opens
 * the others goes first, and nothing that is half removed reads as licensed. */
export async function generalize(parts: LicenseParts, given?: GeneralizeWishes): Promise<GeneralizeOutcome> {
  const { ownership, settings, clock } = parts;
  try {
    const wishes = given ?? {};
    for (const path of ['keepSeat', 'discardUsage'] as const)
      if (!['boolean', 'undefined'].includes(typeof wishes[path])) throw mistake(path, 'true or false');
    await assertOwner(parts);
    await parts.installation.readAgain();
    const usageDiscarded = await handInUsage(parts, wishes);
    const seat = await giveBack(parts, wishes);
    await parts.renewal?.stop();
    await parts.usage.close();
    if (settings.secrets !== undefined) await parts.identity.forget();
    const swept = await sweep(settings.stateDir);
    await ownership.close();
    return { ok: true, seat, usageDiscarded, ...swept };
  } catch (cause) {
    return { ok: false, problem: statusProblem(asLeaseholdError(cause), clock.wall()) };
  }
}

/** A running agent would write the state again. */
async function assertOwner({ ownership, settings }: LicenseParts): Promise<void> {
  const role = await ownership.take();
  if (role === 'owner') return;
  await ownership.assertNotReader();
  throw folderProblem(
    unavailable(Object.assign(new Error('not taken'), { code: 'EACCES' })),
    settings.stateDir,
    'write',
  );
}

/** Each process that ran before left a batch of its own. */
async function handInUsage({ renewal, usage }: LicenseParts, wishes: GeneralizeWishes): Promise<number> {
  for (let before = Number.POSITIVE_INFINITY; ;) {
    const { waiting } = usage.health();
    if (waiting === 0 || waiting >= before) break;
    before = waiting;
    if (renewal !== undefined) await waitFor(renewal.check(true), wishes.signal);
  }
  const { waiting } = usage.health();
  if (waiting === 0 || wishes.discardUsage === true) return waiting;
  throw new LeaseholdError('CONFLICT', `${waiting} usage reports were not counted yet, and would be lost.`, {
    path: 'discardUsage',
    remedy: 'Bring the authority in reach and repeat, or say that they are to be discarded.',
  });
}

async function giveBack(
  parts: LicenseParts,
  { keepSeat = false, signal }: GeneralizeWishes,
): Promise<'given_back' | 'kept' | 'none'> {
  if (parts.installation.document.holding === null) return 'none';
  if (keepSeat) return 'kept';
  const given = await deactivate(parts, signal);
  if (given.ok) return 'given_back';
  throw new LeaseholdError(
    given.problem.code,
    `The seat of this machine cannot be given back. ${given.problem.message}`,
    {
      path: 'keepSeat',
      remedy: `${given.problem.remedy} Or keep the seat: an administrator releases it in the console.`,
    },
  );
}

async function sweep(
  folder: string,
): Promise<{ readonly removed: readonly string[]; readonly left: readonly string[] }> {
  const names = (await readdir(folder)).sort();
  const removed = names.filter((name) => OURS.test(name));
  const first = removed.filter((name) => name.startsWith(STORE_KEY_FILE));
  for (const name of first) await rm(join(folder, name), { force: true });
  await syncFolder(nodeFileSystem, folder);
  for (const name of removed) await rm(join(folder, name), { force: true });
  await syncFolder(nodeFileSystem, folder);
  return { removed, left: names.filter((name) => !OURS.test(name) && !name.endsWith('.sock')) };
}
