import { lmp as catalog } from '../catalogs/lmp.js';
import { gradeTempers } from '../defaults/grades.js';
import { defaultKinds } from '../defaults/kinds.js';
import { shortageTempers } from '../defaults/shortage.js';
import type { Rulebook } from '../kinds.js';
import { poolKinds } from '../pools/kinds.js';

/** Pools and pool keys. */
export const lmp: Rulebook = {
  catalog,
  kinds: { rules: { ...defaultKinds, ...poolKinds }, cover: {}, tempers: { ...gradeTempers, ...shortageTempers } },
};
