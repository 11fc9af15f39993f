import type { ProblemCode } from '@leasehold/protocol';
import type { Decision } from '@leasehold/terms';
import type { ChangedRow } from '../store/index.js';
import type { InstanceRow } from './instance.js';

/** What became of a key: the columns that the instance gets and the rows that changed, or why not. */
export type Entitled =
  | {
      readonly ok: true;
      readonly decision: Decision;
      readonly columns: Partial<InstanceRow>;
      /** Reads the rows that it changed: asked once the instance is stored, whose name they show. */
      readonly rows: () => Promise<readonly ChangedRow[]>;
    }
  | {
      readonly ok: false;
      readonly decision: Decision;
      readonly code: ProblemCode;
      readonly reusableFrom?: number | null;
    };
