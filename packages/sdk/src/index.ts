export { LeaseholdError } from '@leasehold/protocol';
export type { ProblemCode } from '@leasehold/protocol';
export type { Decision, Need, Plan, Request } from '@leasehold/terms';
export { openLicense } from './open-license.js';
export type { RequestPurpose } from './lease/air-gap.js';
export type { Answer } from './decision/answer.js';
export type { MediaUse, MediumFound } from './media/boot-media.js';
export type { Diagnostics } from './diagnostics.js';
export type { Explanation, Language } from './decision/explanation.js';
export type {
  CheckOutcome,
  DeactivateOutcome,
  GeneralizeOutcome,
  GeneralizeWishes,
  InstallOutcome,
  InventoryOutcome,
  License,
  LicenseEvents,
  LineageOutcome,
  LineageRequest,
  MediaAnswer,
  Waiting,
  RequestOutcome,
  MediaStamped,
  VoucherFetched,
} from './license.js';
export type { InventoryOptions, InventoryTold } from './machine/inventory-desk.js';
export type { LicenseOptions } from './options.js';
export type { LocalAnswer } from './socket/local-socket.js';
export type { StatusProblem } from './problem-log.js';
export type { Sent, SentBody } from './sent.js';
export type { SecretStore } from './secrets/secret-store.js';
export type { LicenseState, Status } from './status.js';
export { askAgent } from './socket/status-socket.js';
export type { AgentSocketOptions } from './socket/status-socket.js';
export type { SessionHolder, TechnicianOutcome, TechnicianRequest } from './media/technician.js';
export type { Guarded, TechnicianSession } from './media/technician-session.js';
export type { Testing } from './testing/testing-hook.js';
export type { SpokenCodes } from './media/media-codes.js';
export type { StampRequest } from './media/media-desk.js';
export type { UsageHealth, UsageRecord } from './usage/usage-outbox.js';
export type { VoucherOutcome, VoucherUse } from './media/voucher.js';
export type { VoucherSession } from './media/voucher-session.js';
