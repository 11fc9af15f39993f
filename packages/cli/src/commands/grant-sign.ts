import { signGrant } from '@leasehold/authority';
import { guards, LeaseholdError, type Message } from '@leasehold/protocol';
import { readDays } from '../admin/values.js';
import { EXIT, type Command } from '../command.js';
import { readRoot } from '../key-file.js';
import { readJsonFile } from '../read-file.js';
import { writeNewFile } from '../write-file.js';

const DAY = 86_400_000;

export const command: Command = {
  options: {
    root: { what: 'File of the private root key', value: 'FILE', required: true },
    account: { what: 'The account whose authority brings it in', value: 'ID', required: true },
    product: { what: 'The product that it licenses', value: 'ID', required: true },
    file: { what: 'JSON {licenses, poolLicenses}: what is granted, each with its id', value: 'FILE', required: true },
    days: { what: 'How long it may be brought in (90)', value: 'DAYS' },
    out: { what: 'File for the grant', value: 'FILE', required: true },
  },
  notes: ['An authority that somebody else runs brings it in once: leasehold admin grant import --file FILE.'],
  async run(given, io) {
    const granted = readGranted(await readJsonFile(given.get('file') ?? ''));
    const [account, product] = [given.get('account') ?? '', given.get('product') ?? ''];
    const now = Date.now();
    const until = now + readDays(given, 90) * DAY;
    const grant = await signGrant(
      await readRoot(given.get('root') ?? ''),
      { account, product, until, ...granted },
      now,
    );
    const out = given.get('out') ?? '';
    await writeNewFile(out, grant, 0o644);
    const count = granted.licenses.length + granted.poolLicenses.length;
    io.out(given.json ? JSON.stringify({ out, grant, count }) : `Signed ${out}: ${count} licenses for ${account}.`);
    return EXIT.ok;
  },
};

function readGranted(value: unknown): Required<Pick<Message<'GrantClaims'>, 'licenses' | 'poolLicenses'>> {
  const { licenses = [], poolLicenses = [] } = (value ?? {}) as { licenses?: unknown; poolLicenses?: unknown };
  const granted = { licenses, poolLicenses };
  if (guards.isGrantedLicenses(granted) && granted.licenses.length + granted.poolLicenses!.length > 0)
    return { licenses: granted.licenses, poolLicenses: granted.poolLicenses! };
  throw new LeaseholdError('INPUT_INVALID', 'The file does not list licenses in the form that an authority takes.', {
    path: 'file',
    remedy: 'Write them as `leasehold admin license create` takes them, each with an id of its own.',
  });
}
