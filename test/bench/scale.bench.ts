import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { herdOutcomes, type Report } from './scale/page.js';

/** The herds of docs/scale.md, simulated with the lane of the authority at the throughput that was measured. */
export async function bench(): Promise<{ rows: readonly object[]; goals: readonly object[] }> {
  const herd = JSON.parse(readFileSync(join(process.cwd(), 'docs/evidence/bench-herd.json'), 'utf8')) as Report;
  return { rows: await herdOutcomes(herd), goals: [] };
}
