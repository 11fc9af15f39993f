import { generic as catalog } from '../catalogs/generic.js';
import { defaultKinds } from '../defaults/kinds.js';
import type { Rulebook } from '../kinds.js';

/** No profile. */
export const generic: Rulebook = { catalog, kinds: { rules: defaultKinds, cover: {}, tempers: {} } };
