import { msp as catalog } from '../catalogs/msp.js';
import { gradeTempers } from '../defaults/grades.js';
import { defaultKinds } from '../defaults/kinds.js';
import { shortageTempers } from '../defaults/shortage.js';
import { instanceKinds } from '../instances/kinds.js';
import type { Rulebook } from '../kinds.js';

/** Instances. */
export const msp: Rulebook = {
  catalog,
  kinds: { rules: { ...defaultKinds, ...instanceKinds }, cover: {}, tempers: { ...gradeTempers, ...shortageTempers } },
};
