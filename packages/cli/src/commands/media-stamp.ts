import { LeaseholdError } from '@leasehold/protocol';
import { CONFIG_OPTION } from '../agent/config.js';
import { writeMedium } from '../agent/medium.js';
import { asFailure, withLicense } from '../agent/open.js';
import { readCount } from '../admin/values.js';
import { EXIT, type Command, type Given } from '../command.js';

const BASES = ['linux', 'winpe'] as const;

export const command: Command = {
  args: ['DIR'],
  options: {
    ...CONFIG_OPTION,
    media: { what: 'Id of the medium', value: 'ID', required: true },
    licensee: { what: 'For whom', value: 'NAME', required: true },
    base: { what: 'What the medium runs: linux or winpe (linux)', value: 'BASE' },
    days: { what: 'How long it is valid (365)', value: 'DAYS' },
  },
  notes: [
    'On a licensed machine with its authority in reach. DIR is where the medium is mounted, or what its image is made of:',
    'the passport and the keyset it is verified by are written into DIR/leasehold (AIP-9.1). Stamping it again renews it.',
  ],
  run: (given, io) =>
    withLicense(given, async (license) => {
      const request = {
        media: given.get('media') ?? '',
        licensee: given.get('licensee') ?? '',
        base: readBase(given),
        validDays: readCount(given, 'days', 365),
      };
      const stamped = await license.media.stamp(request);
      if (!stamped.ok) throw asFailure(stamped.problem);
      const { passport, keyset } = stamped;
      const files = await writeMedium(given.args[0] ?? '', { passport, keyset });
      if (given.json) io.out(JSON.stringify({ media: request.media, files }));
      else for (const file of files) io.out(`Written: ${file}`);
      return EXIT.ok;
    }),
};

function readBase(given: Given): (typeof BASES)[number] {
  const typed = given.get('base') ?? 'linux';
  const base = BASES.find((one) => one === typed);
  if (base !== undefined) return base;
  throw new LeaseholdError('INPUT_INVALID', `--base takes ${BASES.join(' or ')}.`, { path: 'base' });
}
