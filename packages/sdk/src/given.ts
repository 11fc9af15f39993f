import { LeaseholdError } from '@leasehold/protocol';

/** What a program gave to a call is looked at first: what it gets wrong is named by its place, and is no defect of ours. */
export function mistake(path: string, what: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `${path} is missing or of another form.`, {
    path,
    remedy: `Give ${path} as ${what}.`,
  });
}

/** @throws LeaseholdError INPUT_INVALID */
export function assertText(value: unknown, path: string): void {
  if (typeof value !== 'string') throw mistake(path, 'a text');
}

/** Of an object, these members. @throws LeaseholdError INPUT_INVALID naming the first that is none */
export function assertTexts(given: unknown, ...paths: readonly string[]): void {
  const members = (given ?? {}) as Readonly<Record<string, unknown>>;
  for (const path of paths) assertText(members[path], path);
}
