import { exchange as en } from './en/exchange.js';
import { exchange as ja } from './ja/exchange.js';
import { inBoth } from './language.js';

export const x = inBoth(en, ja);
