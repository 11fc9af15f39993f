import { core as en } from './en/core.js';
import { core as ja } from './ja/core.js';
import { inBoth } from './language.js';

export const t = inBoth(en, ja);
