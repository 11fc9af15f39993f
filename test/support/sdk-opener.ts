import { openLicense, type LicenseOptions } from '@leasehold/sdk';

/** A process of its own that opens a license as another user, tells what it got, again after each check that it is
 * told to make, and stays until it is told to end.
 * Argument: the options as JSON, with `uid` where it is to be another user. */
const { uid, ...options } = JSON.parse(process.argv[2] ?? '{}') as LicenseOptions & { readonly uid?: number };
if (uid !== undefined) {
  process.setgid?.(uid);
  process.setuid?.(uid);
}
const license = await openLicense(options);
function tell(): void {
  const backup = license.authorize({ action: 'backup', machine: 'self' });
  const restore = license.authorize({ action: 'restore', machine: 'self' });
  process.send?.({ status: license.status(), backup: { ...backup, words: backup.explain() }, restore });
}
tell();
process.on('message', (asked) => {
  if (asked === 'check') void license.check().then(tell);
  else void license.close().then(() => process.disconnect());
});
