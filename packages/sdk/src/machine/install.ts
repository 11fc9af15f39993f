import { LeaseholdError } from '@leasehold/protocol';
import { assertText } from '../given.js';
import type { ProblemLog } from '../problem-log.js';
import type { Installation } from './installation.js';

/** What a file brought. */
export type Installed = 'extension_note' | 'keyset' | 'successor_root';

/** Takes over what a file holds, by its own kind: nothing in it is believed but what the pinned roots signed. Throws
 * TOKEN_*, WRONG_ROOT, KEYSET_ROLLBACK, KEY_UNKNOWN; what is held then stays as it was. */
export async function installFile(installation: Installation, file: string, problems: ProblemLog): Promise<Installed> {
  assertText(file, 'file');
  const text = file.trim();
  for (const [kind, take] of KINDS) {
    try {
      await take(installation, text, problems);
      return kind;
    } catch (error) {
      if (!LeaseholdError.is(error) || error.code !== 'TOKEN_KIND') throw error;
    }
  }
  throw new LeaseholdError('TOKEN_KIND', 'This file is nothing that can be installed here.', {
    remedy: 'Give the whole file as your vendor sent it: an extension note, a keyset or a successor root.',
  });
}

type Take = (installation: Installation, text: string, problems: ProblemLog) => Promise<void>;

const KINDS: readonly (readonly [Installed, Take])[] = [
  ['extension_note', (installation, text) => installation.extend(text)],
  ['successor_root', (installation, text) => installation.adoptSuccessor(text)],
  [
    'keyset',
    async (installation, text, problems) => {
      const problem = await unproved(installation, text);
      await installation.adoptKeyset(text);
      if (problem !== undefined) problems.note('trust', problem);
    },
  ],
];

/** What a keyset takes from what is held here, to be told with the answer: one that ends a leaked key is believed, also
 * where the lease was sealed after the leak, which is then gone with the next start. A keyset that does not list the key at
 * all would leave this machine with nothing by mistake. Throws KEY_UNKNOWN. */
async function unproved(
  { trust, document, standing }: Installation,
  keyset: string,
): Promise<LeaseholdError | undefined> {
  const { holding } = document;
  if (holding === null || standing.rights === undefined) return undefined;
  const { lease } = standing.rights;
  const next = trust.aside();
  await next.adoptKeyset(keyset);
  try {
    await next.lease(holding.lease, lease.cnf.jkt, holding.relay);
    await next.entitlements(holding.entitlements, lease);
    return undefined;
  } catch (cause) {
    if (!LeaseholdError.is(cause)) return undefined;
    if (cause.code !== 'KEY_UNKNOWN') {
      return new LeaseholdError(cause.code, 'The lease held here was sealed with a key after that had leaked.', {
        remedy: `${RENEW}; without it, new backups end with the next start. Restores stay open.`,
        cause,
      });
    }
    const message = 'The keyset does not list the key that the lease held here is sealed with.';
    throw new LeaseholdError('KEY_UNKNOWN', message, { remedy: `${RENEW}. Then take the keyset.`, cause });
  }
}

const RENEW = 'Check in, or import the answer to a request file: either brings a lease under the new key';
