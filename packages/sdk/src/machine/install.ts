import { LeaseholdError } from '@leasehold/protocol';
import type { Installation } from './installation.js';

/** What a file brought. */
export type Installed = 'extension_note' | 'keyset' | 'successor_root';

/** Takes over what a file holds, by its own kind: nothing in it is believed but what the pinned roots signed. Throws
 * TOKEN_*, WRONG_ROOT, KEYSET_ROLLBACK, KEY_UNKNOWN; what is held then stays as it was. */
export async function installFile(installation: Installation, file: string): Promise<Installed> {
  const text = typeof file === 'string' ? file.trim() : '';
  for (const [kind, take] of KINDS) {
    try {
      await take(installation, text);
      return kind;
    } catch (error) {
      if (!LeaseholdError.is(error) || error.code !== 'TOKEN_KIND') throw error;
    }
  }
  throw new LeaseholdError('TOKEN_KIND', 'This file is nothing that can be installed here.', {
    remedy: 'Give the whole file as your vendor sent it: an extension note, a keyset or a successor root.',
  });
}

const KINDS: readonly (readonly [Installed, (installation: Installation, text: string) => Promise<void>])[] = [
  ['extension_note', (installation, text) => installation.extend(text)],
  ['successor_root', (installation, text) => installation.adoptSuccessor(text)],
  [
    'keyset',
    async (installation, text) => {
      await assertProvesHeld(installation, text);
      await installation.adoptKeyset(text);
    },
  ],
];

/** A keyset that does not list the key of what is held would leave this machine with nothing from its next start on, and
 * nobody warned. One that ends a leaked key lists it, and is believed. */
async function assertProvesHeld({ trust, document, standing }: Installation, keyset: string): Promise<void> {
  const { holding } = document;
  if (holding === null || standing.rights === undefined) return;
  const { lease } = standing.rights;
  const next = trust.aside();
  await next.adoptKeyset(keyset);
  try {
    await next.lease(holding.lease, lease.cnf.jkt, holding.relay);
    await next.entitlements(holding.entitlements, lease);
  } catch (cause) {
    if (!LeaseholdError.is(cause) || cause.code !== 'KEY_UNKNOWN') return;
    throw new LeaseholdError(
      'KEY_UNKNOWN',
      'The keyset does not list the key that the lease held here is sealed with.',
      {
        remedy: 'Check in first, or import the answer to a request file: either brings a lease under the new key.',
        cause,
      },
    );
  }
}
