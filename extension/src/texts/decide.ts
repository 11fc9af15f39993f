import { decide as en } from './en/decide.js';
import { decide as ja } from './ja/decide.js';
import { inBoth } from './language.js';

export const d = inBoth(en, ja);
