import { openLicense, type LicenseOptions } from '@leasehold/sdk';

/** A process of its own that opens a license as another user, tells what it got, and stays until it is told to end.
 * Argument: the options as JSON, with `uid` where it is to be another user. */
const { uid, ...options } = JSON.parse(process.argv[2] ?? '{}') as LicenseOptions & { readonly uid?: number };
if (uid !== undefined) {
  process.setgid?.(uid);
  process.setuid?.(uid);
}
const license = await openLicense(options);
const backup = license.authorize({ action: 'backup', machine: 'self' });
const restore = license.authorize({ action: 'restore', machine: 'self' });
process.send?.({ status: license.status(), backup: { ...backup, words: backup.explain() }, restore });
process.on('message', () => void license.close().then(() => process.disconnect()));
