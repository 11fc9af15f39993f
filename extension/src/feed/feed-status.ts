import type { LeaseholdError, ProblemCode } from '@leasehold/protocol';
import type { Stop } from '../connection/saved.js';

/** What a page can honestly say of its data. Plain values: the worker leaves it in storage for the popup. */
export type FeedStatus =
  /** Nothing heard yet. */
  | { readonly phase: 'connecting'; readonly since: number }
  /** The stream is open. `verified`: a signed head covers every row up to the last. */
  | { readonly phase: 'live'; readonly since: number; readonly verified: boolean; readonly lastEventAt?: number }
  /** No contact since; the data is as it was then. */
  | { readonly phase: 'offline'; readonly since: number; readonly nextTryAt?: number; readonly problem: Said }
  /** The authority does not accept the token. */
  | { readonly phase: 'refused'; readonly since: number; readonly problem: Said }
  /** Trust is broken: see Stop. */
  | { readonly phase: 'stopped'; readonly since: number; readonly stop: Stop };

/** A problem as it may be stored. */
export interface Said {
  readonly code: ProblemCode;
  readonly message: string;
}

export const said = ({ code, message }: LeaseholdError): Said => ({ code, message });
