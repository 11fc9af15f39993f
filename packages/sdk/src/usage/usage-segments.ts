import { randomBytes } from 'node:crypto';
import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRows } from './usage-rows.js';
import type { UsageRow } from './usage-rows.js';

/** A file of usage rows. Its name says all about it, so that there is no list of files that could disagree with them:
 * `usage-<order of the epoch>-<first number>-<epoch>.<stage>`. `sums`: folded already. */
export interface Segment {
  readonly order: number;
  readonly first: number;
  readonly epoch: string;
  readonly stage: 'rows' | 'sums';
  readonly bytes: number;
}

const NAME = /^usage-(\d{8})-(\d{10})-([A-Za-z0-9_-]{11})\.(rows|sums)$/;

export function nameOf({ order, first, epoch, stage }: Segment): string {
  return `usage-${String(order).padStart(8, '0')}-${String(first).padStart(10, '0')}-${epoch}.${stage}`;
}

/** Eight random bytes: two lives of one folder, or of two copies of it, never share an epoch. */
export function newEpoch(): string {
  return randomBytes(8).toString('base64url');
}

/** The segments of a folder, oldest first. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const [, order, first, epoch, stage] = NAME.exec(name) ?? [];
    if (epoch === undefined) continue;
    const { size } = await stat(join(folder, name));
    const segment = {
      order: Number(order),
      first: Number(first),
      epoch,
      stage: stage as Segment['stage'],
      bytes: size,
    };
    const former = segments.at(-1);
    // Killed between writing the sums and removing the rows they stand for.
    if (former !== undefined && nameOf({ ...former, stage: segment.stage }) === name) {
      await rm(join(folder, nameOf(former)));
      segments.pop();
    }
    segments.push(segment);
  }
  return segments;
}

export async function readSegment(
  folder: string,
  segment: Segment,
): Promise<{ readonly rows: UsageRow[]; readonly damaged: number }> {
  return decodeRows(await readFile(join(folder, nameOf(segment)), 'utf8'));
}
