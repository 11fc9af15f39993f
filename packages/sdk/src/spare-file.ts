import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

let spare: number | undefined;

/** Keeps one file open that can be given up. The parts of this package are read when they are used for the first time, and
 * what never throws must not throw where the process has no file left to open by then. Costs one system call. */
export function keepSpareFile(): void {
  try {
    spare ??= openSync(devNull, 'r');
  } catch {
    // None is left, or Node's permission model is on: then there is none.
  }
}

/** Calls `load`, which opens one file at a time, in the place of the spare one. Called by what puts the parts together
 * (scripts/bundle-sdk.mjs). @public */
export function inPlaceOfSpareFile<T>(load: () => T): T {
  if (spare === undefined) return load();
  closeSync(spare);
  spare = undefined;
  try {
    return load();
  } finally {
    keepSpareFile();
  }
}
