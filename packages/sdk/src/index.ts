export { LeaseholdError } from '@leasehold/protocol';
export type { ProblemCode } from '@leasehold/protocol';
export type { Decision, Need, Plan, Request } from '@leasehold/terms';
export { openLicense } from './open-license.js';
export type { RequestPurpose } from './air-gap.js';
export type { Answer } from './answer.js';
export type { MediaUse, MediumFound } from './boot-media.js';
export type { Diagnostics } from './diagnostics.js';
export type { Explanation, Language } from './explanation.js';
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
export type { InventoryOptions, InventoryTold } from './inventory-desk.js';
export type { LicenseOptions } from './options.js';
export type { LocalAnswer } from './local-socket.js';
export type { StatusProblem } from './problem-log.js';
export type { SecretStore } from './secret-store.js';
export type { LicenseState, Status } from './status.js';
export { askAgent } from './status-socket.js';
export type { AgentSocketOptions } from './status-socket.js';
export type { SessionHolder, TechnicianOutcome, TechnicianRequest } from './technician.js';
export type { Guarded, TechnicianSession } from './technician-session.js';
export type { Testing } from './testing-hook.js';
export type { SpokenCodes } from './media-codes.js';
export type { StampRequest } from './media-desk.js';
export type { UsageHealth, UsageRecord } from './usage-outbox.js';
export type { VoucherOutcome, VoucherUse } from './voucher.js';
export type { VoucherSession } from './voucher-session.js';
