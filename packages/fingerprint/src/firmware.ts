import type { Evidence } from './evidence.js';
import type { Signs } from './probes/reading.js';

/** A member of Signs that firmware fills in. */
type Sign = 'sysVendor' | 'productName' | 'boardVendor' | 'biosVendor' | 'biosVersion' | 'chassisAssetTag';

/** What people call each. */
const SOURCES: Readonly<Record<Sign, string>> = {
  sysVendor: 'DMI system vendor',
  productName: 'DMI product name',
  boardVendor: 'DMI board vendor',
  biosVendor: 'DMI BIOS vendor',
  biosVersion: 'DMI BIOS version',
  chassisAssetTag: 'DMI chassis asset tag',
};

/** Says whether a text of the firmware, in small letters, is meant. No pattern: a start meets all rows of a table once, and
 * to compile a pattern costs more than to compare with a hundred words. */
type Form = (text: string) => boolean;

export const is =
  (word: string): Form =>
  (text) =>
    text === word;
/** A vendor's text is anchored, so that one that holds a host's name cannot fit. */
export const begins =
  (...words: readonly string[]): Form =>
  (text) =>
    words.some((word) => text.startsWith(word));
export const ends =
  (word: string): Form =>
  (text) =>
    text.endsWith(word);

export type FirmwareRow = readonly [name: string, sign: Sign, form: Form];

/** What the first row that fits the firmware says, and by which of its texts. */
export function firstInFirmware(rows: readonly FirmwareRow[], signs: Signs): Evidence | undefined {
  const row = rows.find(([, sign, form]) => says(signs, sign, form));
  return row === undefined ? undefined : { source: SOURCES[row[1]], says: row[0] };
}

export function says(signs: Signs, sign: Sign, form: Form): boolean {
  const text = signs[sign];
  return text !== undefined && form(text.toLowerCase());
}

export function toldBy(sign: Sign, text: string): Evidence {
  return { source: SOURCES[sign], says: text };
}
