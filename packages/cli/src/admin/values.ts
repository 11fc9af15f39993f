import { LeaseholdError } from '@leasehold/protocol';
import type { Given } from '../command.js';
import { readJsonFile, readTextFile } from '../read-file.js';

/** `obm=50 acb=50` as client access licenses by kind. @throws LeaseholdError INPUT_INVALID naming the wrong pair */
export function readCals(given: Given, option = 'quota'): Record<string, number> {
  const cals = new Map<string, number>();
  for (const pair of given.all(option)) {
    const [, kind, count] = /^([a-z0-9_]+)=(\d+)$/.exec(pair) ?? [];
    if (kind === undefined || count === undefined)
      throw wrong(`--${option} takes a kind and its number, not "${pair}".`);
    if (cals.has(kind)) throw wrong(`--${option} names ${kind} twice.`);
    cals.set(kind, Number(count));
  }
  return Object.fromEntries(cals);

  function wrong(message: string): LeaseholdError {
    const remedy = `Write for example: --${option} obm=50 --${option} acb=50`;
    return new LeaseholdError('INPUT_INVALID', message, { path: option, remedy });
  }
}

/** A whole number option. @throws LeaseholdError INPUT_INVALID */
export function readCount(given: Given, option: string, fallback?: number): number {
  const typed = given.get(option) ?? fallback?.toString() ?? '';
  if (/^\d{1,9}$/.test(typed)) return Number(typed);
  throw new LeaseholdError('INPUT_INVALID', `--${option} takes a whole number, not "${typed}".`, { path: option });
}

const LONGEST_DAYS = 36_500;

/** How long something is valid, in days. @throws LeaseholdError INPUT_INVALID */
export function readDays(given: Given, fallback: number): number {
  const days = readCount(given, 'days', fallback);
  if (days >= 1 && days <= LONGEST_DAYS) return days;
  throw new LeaseholdError('INPUT_INVALID', `--days takes 1 to ${LONGEST_DAYS}, not ${days}.`, { path: 'days' });
}

/** `host:ID` as its parts. @throws LeaseholdError INPUT_INVALID */
export function readUnit(given: Given, option: string): { readonly type: string; readonly id: string } {
  const [, type, id] = /^(machine|host):(.+)$/.exec(given.get(option) ?? '') ?? [];
  if (type !== undefined && id !== undefined) return { type, id };
  throw new LeaseholdError('INPUT_INVALID', `--${option} takes machine:ID or host:ID.`, { path: option });
}

/** The members that were typed, by their name in the request; what was not typed is left out. */
export function membersOf(given: Given, members: Readonly<Record<string, string>>): Record<string, string> {
  const present = Object.entries(members).flatMap(([member, option]) => {
    const value = given.get(option);
    return value === undefined ? [] : [[member, value] as const];
  });
  return Object.fromEntries(present);
}

/** The text of the file named by `--file`. @throws LeaseholdError INPUT_INVALID */
export function textOfFile(given: Given): Promise<string> {
  return readTextFile(given.get('file') ?? '');
}

/** The JSON array in the file named by `--file`. @throws LeaseholdError INPUT_INVALID */
export async function rowsOfFile(given: Given): Promise<unknown[]> {
  const file = given.get('file') ?? '';
  const rows = await readJsonFile(file);
  if (Array.isArray(rows)) return rows;
  throw new LeaseholdError('INPUT_INVALID', `${file} holds no JSON array.`, { path: 'file' });
}
