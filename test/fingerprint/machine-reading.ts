import { rmSync } from 'node:fs';
import { fingerprint } from '@leasehold/fingerprint';
import type { Fingerprint } from '@leasehold/fingerprint';
import { keyedHash } from '../../packages/fingerprint/src/identity.js';
import { makeMachine } from './machine-tree.js';
import type { Tree } from './machine-tree.js';

export const salt = 'account-1/acme-backup';

/** The fingerprint of a machine with these files. */
export async function take(tree: Tree, instanceId?: string): Promise<Fingerprint> {
  const root = makeMachine(tree);
  try {
    return await fingerprint({ salt, root, platform: 'linux', ...(instanceId === undefined ? {} : { instanceId }) });
  } finally {
    rmSync(root, { recursive: true });
  }
}

export const hash = (part: string, raw: string) => ({
  state: 'value',
  hash: keyedHash(salt, part, raw),
  of: 'machine',
});
/** The files whose path ends otherwise. */
export const without = (tree: Tree, ...paths: string[]): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !paths.some((part) => path.includes(part))));
