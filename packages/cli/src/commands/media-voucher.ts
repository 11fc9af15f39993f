import { LeaseholdError } from '@leasehold/protocol';
import type { License } from '@leasehold/sdk';
import { CONFIG_OPTION } from '../agent/config.js';
import { readMedium, writeMedium } from '../agent/medium.js';
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
      const [medium = '', code = ''] = given.args;
      const id = await stampedId(license, medium);
      const fetched = await license.technician.fetchVoucher(code);
      if (!fetched.ok) throw asFailure(fetched.problem);
      const { voucher, keyset, media, until } = fetched;
      if (media !== id) throw anotherMedium(media, id);
      const files = await writeMedium(medium, { voucher, keyset });
      if (given.json) io.out(JSON.stringify({ files, media, until }));
      else
        for (const line of [...files.map((file) => `Written: ${file}`), `Medium ${media}, until ${until}`])
          io.out(line);
      return EXIT.ok;
    }),
};

/** Which medium lies there, asked before the code is used: beside no stamp a voucher is nothing. */
async function stampedId(license: License, medium: string): Promise<string> {
  const { passport = null, keyset } = await readMedium(medium);
  const use = { passport, ...(keyset === undefined ? {} : { keyset }), purpose: 'file_recovery' } as const;
  const { medium: found } = await license.media.use(use);
  if (found.stamp === 'valid' || found.stamp === 'expired') return found.id;
  throw new LeaseholdError('INPUT_INVALID', `${medium} has no valid stamp, and a voucher works beside one alone.`, {
    path: 'medium',
    remedy: 'Stamp it for the technician first: leasehold admin media stamp … --to DIR. The code was not used.',
  });
}

function anotherMedium(wanted: string, found: string): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', `This voucher is for medium ${wanted}; here is ${found}.`, {
    path: 'medium',
    remedy: `Name the folder of ${wanted}. The code is good for it on this machine.`,
  });
}
