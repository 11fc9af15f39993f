import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LeaseholdError, signToken } from '@leasehold/protocol';
import type { LineageClaims } from '@leasehold/protocol';
import { isLineageClaims } from '@leasehold/protocol/guards';
import { assertTexts } from '../given.js';
import type { LineageRequest } from '../license.js';
import type { LicenseParts } from '../license-handle.js';
import { notActivated } from '../problem-log.js';

const DAY_SECONDS = 86_400;
/** Longer than it takes until a restored machine is started and reaches its authority. */
const VALID_DAYS = 30;

/** Where a restore job leaves its note: in the state folder of the machine that it restores. */
export const LINEAGE_FILE = 'lineage.note';

/** Says of a machine that is being restored what it becomes, signed by the device key of the machine that restores it.
 * Throws NOT_ACTIVATED, INPUT_INVALID. */
export async function makeLineageNote(parts: LicenseParts, request: LineageRequest): Promise<string> {
  assertTexts(request, 'source', 'recoveryPoint', 'target');
  const { installation, identity, settings, random } = parts;
  const { rights } = installation.standing;
  const { holding } = installation.document;
  const signer = await identity.find();
  if (rights === undefined || holding === null || signer === undefined) throw notActivated();
  const { source, recoveryPoint, target, as = 'transfer' } = request;
  if (source === holding.instance) {
    throw new LeaseholdError('INPUT_INVALID', 'A machine does not speak for its own copies.', {
      path: 'source',
      remedy: 'Let the backup server, or another machine that is activated, make the note.',
    });
  }
  const iat = Math.floor(installation.clock.read().now / 1000);
  const claims: LineageClaims = {
    product: settings.product,
    account: rights.lease.iss,
    by: holding.instance,
    source,
    recoveryPoint,
    target,
    as,
    iat,
    exp: iat + VALID_DAYS * DAY_SECONDS,
    jti: Buffer.from(random(16)).toString('base64url'),
  };
  if (!isLineageClaims(claims)) {
    throw new LeaseholdError('INPUT_INVALID', 'No authority would read this lineage note.', {
      path: 'request',
      remedy: 'Give source, recoveryPoint and target as texts, and as: "transfer" or "standby".',
    });
  }
  return signToken('lineage', claims, signer);
}

/** The note that was left for this machine; undefined where none was. The authority reads it. */
export function findLineageNote(stateDir: string): string | undefined {
  try {
    const note = readFileSync(join(stateDir, LINEAGE_FILE), 'utf8').trim();
    return note === '' || note.length > 4096 ? undefined : note;
  } catch {
    return undefined;
  }
}

/** It was shown, and says nothing a second time. */
export async function forgetLineageNote(stateDir: string): Promise<void> {
  await rm(join(stateDir, LINEAGE_FILE), { force: true }).catch(() => undefined);
}
