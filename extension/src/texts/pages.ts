import { pages as en } from './en/pages.js';
import { pages as ja } from './ja/pages.js';
import { inBoth } from './language.js';

export const p = inBoth(en, ja);
