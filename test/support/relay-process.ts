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
process.on('message', (message: { enroll?: string }) => {
  if (message.enroll !== undefined) void relay.enroll(message.enroll).then((code) => process.send?.({ code }));
  else process.send?.({ clients: relay.clients(), status: license.status() });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: relay.url });
