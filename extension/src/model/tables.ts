import {
  isCompanyRow,
  isGrantRow,
  isHostRow,
  isJournalPayload,
  isLicenseRow,
  isMachineRow,
  isMediaRow,
  isOrderRow,
  isPoolKeyRow,
  isPoolLicenseRow,
  isPoolRow,
  isRefusalRow,
  isSessionRow,
} from '@leasehold/protocol/guards';
import type { JournalRow, RowChange, Table } from './rows.js';

/** A row from the feed is shown only when it passes the guard of its table. */
const GUARDS: Readonly<Record<Table, (value: unknown) => boolean>> = {
  company: isCompanyRow,
  grant: isGrantRow,
  license: isLicenseRow,
  pool_license: isPoolLicenseRow,
  pool: isPoolRow,
  pool_key: isPoolKeyRow,
  machine: isMachineRow,
  host: isHostRow,
  session: isSessionRow,
  media: isMediaRow,
  refusal: isRefusalRow,
  order: isOrderRow,
};

/** The rows that journal rows changed, in order. An erased or unreadable payload gives none: the page loads instead. */
export function changesOf(rows: readonly JournalRow[]): RowChange[] {
  return rows
    .flatMap((row) => readPayload(row)?.rows ?? [])
    .filter((change) => change.row === null || GUARDS[change.table](change.row));
}

export function readPayload(row: JournalRow): ReturnType<typeof parsePayload> {
  return row.payload === null ? undefined : parsePayload(row.payload);
}

function parsePayload(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    return isJournalPayload(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces, appends or removes the rows of one table; the same array when nothing in it changed. `known` keeps a row
 * that is not in view from being appended: it comes with the next load. */
export function upsert<T extends { readonly id: string }>(
  rows: readonly T[],
  table: Table,
  changes: readonly RowChange[],
  append: 'append' | 'known',
): readonly T[] {
  let result = rows;
  for (const change of changes) {
    if (change.table !== table) continue;
    const at = result.findIndex((row) => row.id === change.id);
    if (change.row === null) {
      if (at >= 0) result = result.filter((row) => row.id !== change.id);
    } else if (at >= 0) result = result.with(at, change.row as T);
    else if (append === 'append') result = [...result, change.row as T];
  }
  return result;
}

/** Gives back the object of before for a row that came again as it was, so that nothing of it is drawn again. */
export type Keeper<T> = (rows: readonly T[]) => readonly T[];

export function keeper<T extends { readonly id: string }>(): Keeper<T> {
  let known = new Map<string, readonly [text: string, row: T]>();
  return (rows) => {
    const next = new Map<string, readonly [string, T]>();
    const kept = rows.map((row) => {
      const text = JSON.stringify(row);
      const before = known.get(row.id);
      const same = before?.[0] === text ? before[1] : row;
      next.set(row.id, [text, same]);
      return same;
    });
    known = next;
    return kept;
  };
}
