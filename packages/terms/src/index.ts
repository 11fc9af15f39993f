export { isAllowed } from './decision.js';
export type { Decision, Need, Verdict } from './decision.js';
export type * from './model.js';
