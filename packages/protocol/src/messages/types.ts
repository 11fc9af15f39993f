import type { Message } from '../route-row.js';

/** The wire types by name, for those who read messages without the schema library. */
export type KeysetClaims = Message<'KeysetClaims'>;
export type LeaseClaims = Message<'LeaseClaims'>;
export type SubLeaseClaims = Message<'SubLeaseClaims'>;
export type EntitlementsClaims = Message<'EntitlementsClaims'>;
export type MediaClaims = Message<'MediaClaims'>;
export type SessionClaims = Message<'SessionClaims'>;
export type VoucherClaims = Message<'VoucherClaims'>;
export type RecoveryClaims = Message<'RecoveryClaims'>;
export type LineageClaims = Message<'LineageClaims'>;
export type HeadClaims = Message<'HeadClaims'>;
export type ExchangeRequestClaims = Message<'ExchangeRequestClaims'>;
export type ExchangeResponseClaims = Message<'ExchangeResponseClaims'>;
export type GrantClaims = Message<'GrantClaims'>;
export type RecoverClaims = Message<'RecoverClaims'>;
export type StatementClaims = Message<'StatementClaims'>;
export type ExtensionClaims = Message<'ExtensionClaims'>;
export type SuccessorClaims = Message<'SuccessorClaims'>;
export type TimeClaims = Message<'TimeClaims'>;
export type ProofClaims = Message<'ProofClaims'>;
