import type { Installation } from '../machine/installation.js';
import { FIRST_RUN_OVER } from './first-run.js';

/** No installation is older: a clock that shows less was never set. */
const FIRST_RELEASE = Date.UTC(2026, 0);

/** The very first start of an installation, where the vendor grants it some days. */
export function beginFirstRun(installation: Installation): Promise<void> {
  return installation.countFirstRunFrom(() => {
    const { document, standing, clock } = installation;
    if (document.firstRunAt !== null || document.holding !== null) return misdated(installation);
    return standing.missing === 'NOT_ACTIVATED' ? clock.read().now : undefined;
  });
}

/** The clock may have been set right since. */
export async function redateFirstRun(installation: Installation): Promise<void> {
  if (misdated(installation) !== undefined) await installation.countFirstRunFrom(() => misdated(installation));
}

/** Now, where the first start was noted by a clock that was wrong. In 1970, before it was set: the days would be over as
 * soon as it is. In a time to come, which an authority's signed time has ended: they would last until then. */
function misdated({ document: { firstRunAt, holding }, clock }: Installation): number | undefined {
  if (firstRunAt === null || firstRunAt === FIRST_RUN_OVER || holding !== null) return undefined;
  const { now } = clock.read();
  const neverSet = firstRunAt < FIRST_RELEASE && now >= FIRST_RELEASE;
  return neverSet || firstRunAt > now ? now : undefined;
}
