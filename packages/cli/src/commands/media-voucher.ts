import { CONFIG_OPTION } from '../agent/config.js';
import { writeMedium } from '../agent/medium.js';
import { asFailure, withLicense } from '../agent/open.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  args: ['DIR', 'CODE'],
  options: CONFIG_OPTION,
  notes: [
    'On any machine with the authority in reach. CODE is what was told for the voucher; it works once. The voucher is put',
    'onto the medium at DIR, beside its passport, and lets its technician start work without a network (AIP-9.6).',
  ],
  run: (given, io) =>
    withLicense(given, async (license) => {
      const fetched = await license.technician.fetchVoucher(given.args[1] ?? '');
      if (!fetched.ok) throw asFailure(fetched.problem);
      const { voucher, keyset } = fetched;
      const files = await writeMedium(given.args[0] ?? '', { voucher, keyset });
      if (given.json) io.out(JSON.stringify({ files }));
      else for (const file of files) io.out(`Written: ${file}`);
      return EXIT.ok;
    }),
};
