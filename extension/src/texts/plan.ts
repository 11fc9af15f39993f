import { plan as en } from './en/plan.js';
import { plan as ja } from './ja/plan.js';
import { inBoth } from './language.js';

export const pl = inBoth(en, ja);
