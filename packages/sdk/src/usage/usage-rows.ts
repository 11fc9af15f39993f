import { crc32 } from 'node:zlib';
import type { Message } from '@leasehold/protocol';
import { isWord } from '../wire/carried.js';

/** One use of the product, as it travels: numbered inside its outbox epoch, so that it is counted once. */
export type UsageRow = Message<'UsageBatch'>['records'][number];
export type UnnumberedRow = Omit<UsageRow, 'n'>;

/** What the vendor reports. */
export interface UsageRecord {
  /** What was done: `backup`, `restore`, `migration` … 1 to 128 characters. */
  readonly kind: string;
  /** Size of what was processed. */
  readonly bytes?: number;
  /** How many times; 1 where it is left out. */
  readonly count?: number;
  /** Of which machine, for a server that works for others: its id. */
  readonly machine?: string;
  /** For a relay: whose report it was, and its number there, so that it counts once however often it is handed on. */
  readonly source?: { readonly id: string; readonly epoch: string; readonly n: number };
}

/** The row of a record, undefined for anything that is none: a wrong report must not stop the reports after it. */
export function rowOf(record: UsageRecord, now: number): UnnumberedRow | undefined {
  const { kind, bytes = 0, count = 1, machine, source } = record;
  if (![kind, ...(machine === undefined ? [] : [machine])].every(isWord)) return undefined;
  if (source !== undefined && !isOutbox(source)) return undefined;
  if (!isCount(bytes, 0) || !isCount(count, 1)) return undefined;
  return {
    at: new Date(now).toISOString(),
    kind,
    bytes,
    count,
    ...(machine === undefined ? {} : { machine }),
    ...(source === undefined ? {} : { source: { ...source } }),
  };
}

function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

/** Where the outbox of another agent stood (protocol: UsageBatch). */
function isOutbox(source: unknown): boolean {
  const { id, epoch, n } = (source ?? {}) as Partial<NonNullable<UsageRecord['source']>>;
  const isNumbered = isCount(n, 0) && n! <= 1_000_000_000;
  return isWord(id) && typeof epoch === 'string' && /^[A-Za-z0-9_-]{2,88}$/.test(epoch) && isNumbered;
}

/** A line of the log: its checksum, so that one that was cut short by a power failure is known, and the row. */
export function encodeRow(row: UsageRow): string {
  const text = JSON.stringify(row);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
}

/** The rows of a log, and how many of its lines are damaged. A last line without its end was never acknowledged. */
export function decodeRows(text: string): { readonly rows: UsageRow[]; readonly damaged: number } {
  const lines = text.split('\n');
  lines.pop();
  const rows = lines.flatMap((line) => {
    const body = line.slice(9);
    return line.slice(0, 9) === `${crc32(body).toString(16).padStart(8, '0')} ` ? [JSON.parse(body) as UsageRow] : [];
  });
  return { rows, damaged: lines.length - rows.length };
}

/** Daily sums, one for each day (UTC), kind and machine, in order. What is lost is the time of day and nothing that is
 * counted. What was handed on stays by itself: it may have been handed on twice. */
export function foldRows(rows: readonly UnnumberedRow[]): UnnumberedRow[] {
  const sums = new Map<string, UnnumberedRow>();
  for (const { at, kind, bytes, count, machine, source } of rows) {
    const key = JSON.stringify([at.slice(0, 10), kind, machine, source]);
    const sum = sums.get(key);
    sums.set(key, {
      at,
      kind,
      bytes: Math.min(bytes + (sum?.bytes ?? 0), Number.MAX_SAFE_INTEGER),
      count: count + (sum?.count ?? 0),
      ...(machine === undefined ? {} : { machine }),
      ...(source === undefined ? {} : { source }),
    });
  }
  return [...sums.values()];
}
