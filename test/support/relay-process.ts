import { openRelay } from '@leasehold/relay';
import { openLicense, type LicenseOptions } from '@leasehold/sdk';

/** A backup server with its relay as a process of its own, so that it can be killed. */
const [settings = ''] = process.argv.slice(2);
const {
  license: options,
  folder,
  port,
} = JSON.parse(settings) as {
  license: LicenseOptions;
  folder: string;
  port: number;
};
const license = await openLicense(options);
const relay = await openRelay({ license, folder, port });
async function handInUsage(): Promise<void> {
  while (license.usage.health().waiting > 0) await license.check();
  process.send?.({ handedIn: true });
}

process.on('message', (message: { enroll?: string; handIn?: boolean }) => {
  if (message.handIn === true) void handInUsage();
  else if (message.enroll !== undefined) void relay.enroll(message.enroll).then((code) => process.send?.({ code }));
  else process.send?.({ clients: relay.clients(), status: license.status() });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: relay.url });
