/** Why there is no inventory. None of these reads as "no guests". */
export type InventoryProblem =
  | 'OPTIONS_INVALID'
  /** The program that asks the hypervisor is not installed. */
  | 'TOOL_MISSING'
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'BAD_CERTIFICATE'
  /** It does not know the credentials, or they may not see this. */
  | 'REFUSED'
  | 'HOST_UNNAMED'
  /** What came back is not what is documented, or not whole. */
  | 'ANSWER_UNREADABLE';

export class InventoryError extends Error {
  readonly code: InventoryProblem;
  readonly remedy: string;

  /** @param message names the place, never the credentials */
  constructor(code: InventoryProblem, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'InventoryError';
    this.code = code;
    this.remedy = remedy;
  }

  /** Also of another copy of this package. */
  static is(value: unknown): value is InventoryError {
    return value instanceof Error && value.name === 'InventoryError';
  }
}

/** @param what the part that is not as it should be, with its place in the answer */
export function unreadable(place: string, what: string, cause?: unknown): InventoryError {
  const remedy = 'Compare with the versions that docs/inventory.md names; nothing was reported.';
  return new InventoryError('ANSWER_UNREADABLE', `${place} answers what is not documented: ${what}.`, remedy, cause);
}
