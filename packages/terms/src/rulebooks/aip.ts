import { aip as catalog } from '../catalogs/aip.js';
import { coverKinds } from '../coverage/cover-kinds.js';
import { fieldTempers } from '../coverage/field.js';
import { coverageKinds } from '../coverage/kinds.js';
import { gradeTempers } from '../defaults/grades.js';
import { defaultKinds } from '../defaults/kinds.js';
import { shortageTempers } from '../defaults/shortage.js';
import { joined, type Rulebook } from '../kinds.js';

/** Machines and hypervisor hosts. */
export const aip: Rulebook = {
  catalog,
  kinds: {
    rules: joined(defaultKinds, coverageKinds),
    cover: coverKinds,
    tempers: { ...gradeTempers, ...shortageTempers, ...fieldTempers },
  },
};
