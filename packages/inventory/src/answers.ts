import { unreadable } from './problem.js';

export type Row = Readonly<Record<string, unknown>>;

/** A documented list of objects. @throws InventoryError ANSWER_UNREADABLE; nothing missing reads as nothing there */
export function rowsIn(value: unknown, place: string, what: string): Row[] {
  if (Array.isArray(value) && value.every((row) => typeof row === 'object' && row !== null)) return value as Row[];
  throw unreadable(place, `${what} is no list`);
}

export function rowIn(value: unknown, place: string, what: string): Row {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
  throw unreadable(place, `${what} is no object`);
}

export function textIn(row: Row, name: string, place: string, what: string): string {
  const value = row[name];
  if (typeof value === 'string' && value !== '') return value;
  throw unreadable(place, `${what} has no ${name}`);
}
