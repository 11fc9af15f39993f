import type { Standing } from './chain.js';
import { likeness } from './identity.js';
import type { InstanceRow, MachineReport, Verdict } from './instance.js';

/** What is thought of a machine that checks in: the chain speaks first, its parts where the chain says nothing new. A
 * machine whose parts are another's but whose chain goes on was moved (design section 3). */
export function verdictOf(row: InstanceRow, machine: MachineReport, where: Standing): Verdict {
  if (where === 'restored' || where === 'cloned' || where === 'unknown') return where;
  if (where === 'original') return 'same';
  const { verdict, changed } = likeness(row, machine);
  if (verdict === 'different') return 'moved';
  if (verdict === 'unknown') return changed.length === 0 ? 'same' : 'drift';
  return verdict;
}
