import { orders as en } from './en/orders.js';
import { orders as ja } from './ja/orders.js';
import { inBoth } from './language.js';

export const o = inBoth(en, ja);
