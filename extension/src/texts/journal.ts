import { journal as en } from './en/journal.js';
import { journal as ja } from './ja/journal.js';
import { inBoth } from './language.js';

export const j = inBoth(en, ja);
