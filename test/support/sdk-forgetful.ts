import { openLicense, type LicenseOptions } from '@leasehold/sdk';

/** A program that opens a license, tells so, works until it is told to end, and forgets the license then: nothing of its
 * own keeps it alive. Argument: the options as JSON, and what it waits for before it ends. */
const [options, last] = process.argv.slice(2);
const license = await openLicense(JSON.parse(options ?? '{}') as LicenseOptions);
process.send?.('opened');
await new Promise<void>((resolve) => {
  process.once('message', () => resolve());
});
process.disconnect();
if (last === 'check') process.stdout.write(JSON.stringify(await license.check()));
if (last === 'deactivate') process.stdout.write(JSON.stringify(await license.deactivate()));
