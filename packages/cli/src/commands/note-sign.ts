import { signExtensionNote } from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { EXIT, type Command, type Given } from '../command.js';
import { readRoot } from '../key-file.js';
import { writeNewFile } from '../write-file.js';

export const command: Command = {
  options: {
    root: { what: 'File of the private root key', value: 'FILE', required: true },
    account: { what: 'The account whose authority is gone', value: 'ID', required: true },
    product: { what: 'The product whose leases it prolongs', value: 'ID', required: true },
    from: { what: 'The day on which the authority fell silent', value: 'DAY', required: true },
    until: { what: 'The day until which the leases run', value: 'DAY', required: true },
    out: { what: 'File for the note', value: 'FILE', required: true },
  },
  notes: [
    'For the day when an authority is gone for good. Leases that lived on --from and were issued before now run until',
    'the end of --until; what was denied, or had ended, stays so. Agents take the note as a file (leasehold import), or',
    'fetch it from the address that the product pins. Denials cannot reach them while it runs: keep it short.',
  ],
  async run(given, io) {
    const order = {
      account: given.get('account') ?? '',
      product: given.get('product') ?? '',
      from: readDay(given, 'from'),
      until: readDay(given, 'until') + DAY,
    };
    const note = await signExtensionNote(await readRoot(given.get('root') ?? ''), order, Date.now());
    const file = given.get('out') ?? '';
    await writeNewFile(file, note, 0o644);
    const until = new Date(order.until).toISOString();
    io.out(given.json ? JSON.stringify({ file, note, until }) : `Signed ${file}: leases run until ${until}.`);
    return EXIT.ok;
  },
};

const DAY = 86_400_000;

/** The start of a day, UTC, epoch milliseconds. @throws LeaseholdError INPUT_INVALID */
function readDay(given: Given, option: string): number {
  const typed = given.get(option) ?? '';
  const at = /^\d{4}-\d{2}-\d{2}$/.test(typed) ? Date.parse(typed) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new LeaseholdError('INPUT_INVALID', `--${option} takes a day like 2026-06-30, not "${typed}".`, {
    path: option,
  });
}
