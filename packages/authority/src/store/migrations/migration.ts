import type { Tx } from '../tx.js';

/** One step of the schema. Written once and never edited after a release: the next change is the next number. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  /** Statements that both engines understand, run in one transaction. */
  readonly statements: readonly string[];
  /** For changes over many rows: fills one slice (some thousand rows) after `progress` and answers where it stands,
   * null when nothing is left. Each slice is committed by itself; `progress` is null at first. */
  readonly backfill?: (tx: Tx, progress: string | null) => Promise<string | null>;
}
