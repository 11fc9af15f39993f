import { buying as en } from './en/buying.js';
import { buying as ja } from './ja/buying.js';
import { inBoth } from './language.js';

export const b = inBoth(en, ja);
