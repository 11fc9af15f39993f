import { LeaseholdError } from '@leasehold/protocol';
import type { Installation } from './installation.js';

/** What a file brought. */
export type Installed = 'extension_note' | 'keyset' | 'successor_root';

/** Takes over what a file holds, by its own kind: nothing in it is believed but what the pinned roots signed. Throws
 * TOKEN_*, WRONG_ROOT, KEYSET_ROLLBACK; what is held then stays as it was. */
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
  ['keyset', (installation, text) => installation.adoptKeyset(text)],
];
