import { openLicense, type LicenseOptions } from '@leasehold/sdk';

/** A process of its own, so that its whole clock can be another one: opens a license, asks the authority where it is to,
 * and prints what it found. Argument: the options as JSON, with `check`. */
const { check, ...options } = JSON.parse(process.argv[2] ?? '{}') as LicenseOptions & { readonly check: boolean };
const license = await openLicense(options);
const outcome = check ? await license.check() : undefined;
const [backup, restore] = ['backup', 'restore'].map((action) => license.authorize({ action, machine: 'self' }));
const found = { status: license.status(), backup, restore, problem: outcome?.problem, wall: Date.now() };
process.stdout.write(JSON.stringify(found));
await license.close();
