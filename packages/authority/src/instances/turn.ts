import { digestOf } from '../keys/ed25519.js';
import type { Tx } from '../store/index.js';
import { searched } from './identity.js';
import type { MachineReport } from './instance.js';

/** Lets activations of one machine pass one after the other, under whatever device keys they come: on an engine with
 * concurrent transactions two of them would both find the machine unknown, and each take a seat for it. They meet at the
 * rows of their parts; 4096 rows an account are enough for different machines to meet seldom, and then only to wait. */
export async function takeTurn(tx: Tx, account: string, machine: MachineReport): Promise<void> {
  if (tx.alone) return;
  const buckets = new Set(searched(machine).map(([name, hash]) => digestOf(`${name} ${hash}`).slice(0, 2)));
  if (buckets.size === 0) return;
  // In one order for all, so that no two wait for each other in a circle.
  await tx.run(
    `INSERT INTO activation_turns (account, bucket) VALUES ${[...buckets].map(() => '(?, ?)').join(', ')}
       ON CONFLICT (account, bucket) DO UPDATE SET bucket = excluded.bucket`,
    [...buckets].sort().flatMap((bucket) => [account, bucket]),
  );
}
