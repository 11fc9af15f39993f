import type { LeaseholdError, ProblemCode, ProblemDetails } from '@leasehold/protocol';
import type { Position } from '../tx.js';

/** What the HTTP thread and the storage worker say to each other. */
export type Call =
  | {
      readonly id: number;
      readonly kind: 'execute';
      readonly name: string;
      readonly input: unknown;
      readonly now: number;
    }
  | { readonly id: number; readonly kind: 'read'; readonly name: string; readonly input: unknown }
  | { readonly id: number; readonly kind: 'hold'; readonly still: boolean }
  | { readonly id: number; readonly kind: 'close' };

export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown; readonly positions: readonly Position[] }
  | { readonly id: number; readonly ok: false; readonly problem: PlainProblem };

/** An error as it travels between threads, where classes are lost. */
export interface PlainProblem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly details: ProblemDetails;
}

/** The worker's first message is the reply to call 0: the database is open, or why not. */
export const OPENED = 0;

export interface WorkerSetup {
  readonly path: string;
  readonly now: number;
  /** How many commands may share one commit. Measured: the gain grows up to 64 and flattens after. */
  readonly commitSize: number;
}

export function toPlain(error: LeaseholdError): PlainProblem {
  const { cause, ...details } = error.details;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : undefined;
  return {
    code: error.code,
    message: error.message,
    details: text === undefined ? details : { ...details, cause: text },
  };
}
