/** What reads each part of the package that is read when it is needed. Written into the package by what puts the parts
 * together (scripts/bundle-sdk.mjs); where the sources run there is no such part. */
declare function readersOfParts(): readonly (() => unknown)[];

/** Later than any program that only asks and ends. Ms. */
const BEGIN = 10_000;
/** From one part to the next, so that nothing waits for many of them. Ms. */
const PAUSE = 50;

let isBegun = false;

/** Reads all parts in time that nothing has asked for yet. An update may put other files into the place of the package under
 * a process that runs on for months: what it has read stays, and fits together. Holds no process; a part that cannot be read
 * is read by whoever needs it. */
export function readPartsInTime(): void {
  if (isBegun || typeof readersOfParts === 'undefined') return;
  isBegun = true;
  const readers = readersOfParts().values();
  const next = (): void => {
    const { value: read, done } = readers.next();
    if (done === true) return;
    try {
      read();
    } catch {
      // Gone, or no file is left to open: whoever needs it is told.
    }
    setTimeout(next, PAUSE).unref();
  };
  setTimeout(next, BEGIN).unref();
}
