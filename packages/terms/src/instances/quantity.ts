import type { Day, Instance, MspLicense } from '../model.js';
import { isPast } from './list.js';

/**
 * How many licenses of a type are still to be bought for a day (MSP-5): instances that want it, less the licenses that
 * are valid on that day or renew themselves. A license whose date has passed no longer renews (1.8). Never negative.
 */
export function requiredQuantity(
  instances: readonly Instance[],
  licenses: readonly MspLicense[],
  ask: { readonly type: string; readonly until: Day; readonly today: Day },
): number {
  const wanted = instances.filter((instance) => instance.wantsType === ask.type).length;
  const held = licenses.filter(
    (license) =>
      license.type === ask.type && (!isPast(license, ask.until) || (license.autoRenew && !isPast(license, ask.today))),
  ).length;
  return Math.max(0, wanted - held);
}
