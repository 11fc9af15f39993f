import { shell as en } from './en/shell.js';
import { shell as ja } from './ja/shell.js';
import { inBoth } from './language.js';

export const s = inBoth(en, ja);
