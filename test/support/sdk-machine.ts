import { join } from 'node:path';
import { openLicense, type License, type LicenseOptions } from '@leasehold/sdk';
import { PRODUCT, type Bench } from './authority.js';
import { cleanUp, HandClock, machineNamed, temporaryFolder } from './sdk-fixture.js';

export interface Started {
  readonly stateDir?: string;
  /** What its disk was copied from; itself by default. */
  readonly installation?: string;
  readonly activation?: LicenseOptions['activation'];
  /** Null: no network. */
  readonly authority?: string | null;
  readonly now?: number;
}

/** A machine of this name with an installation of its own, in this process. */
export async function startMachine(
  bench: Bench,
  hardware: string,
  more: Started = {},
): Promise<{ readonly license: License; readonly clock: HandClock; readonly stateDir: string }> {
  const { stateDir = join(temporaryFolder(), 'state'), installation = hardware, activation } = more;
  const authority = more.authority === undefined ? bench.authority.url : more.authority;
  const clock = new HandClock(more.now ?? bench.clock);
  const license = await openLicense({
    product: PRODUCT,
    version: '12.1',
    roots: [bench.rootJwk],
    stateDir,
    label: hardware,
    ...(authority === null ? {} : { authority }),
    ...(activation === undefined ? {} : { activation }),
    testing: { clock, socket: { runFolder: temporaryFolder() }, ...machineNamed(hardware, {}, installation) },
  });
  cleanUp(() => license.close());
  return { license, clock, stateDir };
}
