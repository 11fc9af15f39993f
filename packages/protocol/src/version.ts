import { LeaseholdError } from './problems.js';

/** Which form of the messages a caller speaks stands in this header; an authority answers with the one it speaks. */
export const PROTOCOL_HEADER = 'Leasehold-Protocol';

/** A release raises it when an agent of the former version could not read what it is sent any longer; members that are
 * only added raise nothing. Version 1 has no header. */
export const PROTOCOL_VERSION = 2;

/** Reads the header of a request. Agents live for years and authorities are brought up to date first: this version is
 * served and the one before. Throws UNSUPPORTED_VERSION. */
export function readProtocolVersion(header: string | undefined): number {
  const version = header === undefined ? 1 : /^[1-9]\d{0,3}$/.test(header) ? Number(header) : Number.NaN;
  if (version === PROTOCOL_VERSION || version === PROTOCOL_VERSION - 1) return version;
  const [sentence, remedy] =
    version > PROTOCOL_VERSION
      ? ['The caller is newer than this authority.', 'Update the authority; agents go on with their leases meanwhile.']
      : ['The caller speaks a version that is no longer served.', 'Update the product on that machine.'];
  throw new LeaseholdError('UNSUPPORTED_VERSION', sentence, { path: `header.${PROTOCOL_HEADER}`, remedy });
}
