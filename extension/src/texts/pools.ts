import { pools as en } from './en/pools.js';
import { pools as ja } from './ja/pools.js';
import { inBoth } from './language.js';

export const lp = inBoth(en, ja);
