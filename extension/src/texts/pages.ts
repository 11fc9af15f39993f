import { pages as en } from './en/pages.js';
import { pages as ja } from './ja/pages.js';
import { inBoth } from './language.js';

export const p = inBoth(en, ja);

/** A license type in the reader's words; a type this console does not know is shown as it is. */
export const typeName = (type: string): string => p.value.types[type] ?? type;
export const osName = (os: string): string => p.value.os[os] ?? os;
