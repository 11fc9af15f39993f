import type { ProblemCode } from '@leasehold/protocol';
import type { Decision, Term } from '@leasehold/terms';
import type { ChangedRow } from '../store/index.js';
import type { InstanceRow } from './instance.js';

/** What became of a key: the columns that the instance gets and the rows that changed, or why not. */
export type Entitled =
  | {
      readonly ok: true;
      readonly decision: Decision;
      readonly columns: Partial<InstanceRow>;
      /** The term of a license that runs by itself, where it was read. */
      readonly term?: Term;
      /** Counts its seat and reads the rows that it changed. To be called once, when the instance is stored, whose name they
       * show, and when nothing else is left to do. */
      readonly rows: () => Promise<readonly ChangedRow[]>;
    }
  | {
      readonly ok: false;
      readonly decision: Decision;
      readonly code: ProblemCode;
      readonly reusableFrom?: number | null;
    };
