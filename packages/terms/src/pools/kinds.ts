import type { Judges } from '../kinds.js';
import { convertKinds, type ConvertParams } from './convert.js';
import { dailyCheckKinds, type DailyCheckParams } from './daily-check.js';
import { keyKinds, type KeyParams } from './keys.js';
import { portalKinds, type PortalParams } from './portal.js';
import { quotaKinds, type QuotaParams } from './quotas.js';
import { serverRestoreKinds, type ServerRestoreParams } from './restore.js';
import { serverKinds, type ServerParams } from './servers.js';

/** Rule kinds of this folder: kind → the parameters its rows hold. */
export interface PoolParams
  extends ConvertParams, DailyCheckParams, KeyParams, PortalParams, QuotaParams, ServerParams, ServerRestoreParams {}

export const poolKinds: Judges<PoolParams> = {
  ...convertKinds,
  ...dailyCheckKinds,
  ...keyKinds,
  ...portalKinds,
  ...quotaKinds,
  ...serverKinds,
  ...serverRestoreKinds,
};
