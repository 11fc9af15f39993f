import { agent as en } from './en/agent.js';
import { agent as ja } from './ja/agent.js';
import { inBoth } from './language.js';

export const a = inBoth(en, ja);
