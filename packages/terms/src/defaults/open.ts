import type { Judges } from '../kinds.js';
import { allow } from '../question.js';

/** The last row of many an action. */
export interface OpenParams {
  /** Nothing stood against it. */
  open: object;
}

export const openKinds: Judges<OpenParams> = {
  open: (_question, row) => allow(row),
};
