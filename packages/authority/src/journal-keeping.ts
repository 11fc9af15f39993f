import { LeaseholdError } from '@leasehold/protocol';
import { Keyring } from './keys/keyring.js';
import { archiveJournal, maintenanceRegistry, openStore } from './store/index.js';

const DAY = 86_400_000;
/** Edits, consoles that come back, and sessions after a restore look that far into the journal. */
const LEAST_KEPT = 31;

interface Place {
  readonly db: string;
  /** Folder of the keys. */
  readonly dataDir: string;
}

export interface Archived {
  readonly account: string;
  readonly file: string;
  /** How many rows went into the file; 0: nothing was old enough, and there is no file. */
  readonly rows: number;
}

/** Moves what is older than `keepDays` days of the journal into a file, behind a head that is signed with the authority's key
 * (design section 5). Rejects with INPUT_INVALID for fewer days than the authority itself looks back, CONFLICT where the file
 * exists, STATE_DAMAGED when the journal does not hold. */
export async function archiveOldJournal(
  { db, dataDir }: Place,
  { file, keepDays }: { readonly file: string; readonly keepDays: number },
  now: number,
): Promise<Archived> {
  if (keepDays < LEAST_KEPT)
    throw new LeaseholdError(
      'INPUT_INVALID',
      `${keepDays} days are too few: the authority itself looks back further.`,
      {
        path: 'keep-days',
        remedy: `Keep ${LEAST_KEPT} days or more.`,
      },
    );
  const keyring = await Keyring.open(dataDir);
  const { account } = keyring;
  const store = await openStore(db, maintenanceRegistry, { create: false, patient: true });
  try {
    const iat = Math.floor(now / 1000);
    const seal = (upTo: { epoch: number; seq: number; hash: string }): Promise<string> =>
      keyring.sign('head', { iss: account, ...upTo, iat }, now);
    const rows = await archiveJournal(store, { account, file, before: now - keepDays * DAY, seal }, now);
    return { account, file, rows };
  } finally {
    await store.close();
  }
}
