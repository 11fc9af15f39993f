import { signKeyset } from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { isIso } from '@leasehold/terms';
import { readCount, readDays } from '../admin/values.js';
import { EXIT, type Command } from '../command.js';
import { readPublicKey, readRoot } from '../key-file.js';
import { writeNewFile } from '../write-file.js';

export const command: Command = {
  options: {
    root: { what: 'File of the private root key', value: 'FILE', required: true },
    account: { what: 'The account it is for', value: 'ID', required: true },
    key: { what: 'Public signing key: file or JWK', value: 'KEY', required: true, many: true },
    revoke: { what: 'Leaked signing key: what it signs from --since on is refused', value: 'KEY', many: true },
    since: { what: 'Since when it may be in foreign hands (now)', value: 'INSTANT' },
    version: { what: 'Higher than every one before it', value: 'N', required: true },
    epoch: { what: 'Higher after a restore of the authority (1)', value: 'N' },
    days: { what: 'How long it is valid (400)', value: 'DAYS' },
    out: { what: 'File for the keyset', value: 'FILE', required: true },
  },
  async run(given, io) {
    const keys = await Promise.all(given.all('key').map(readPublicKey));
    const revoked = await Promise.all(given.all('revoke').map(readPublicKey));
    const since = readInstant(given.get('since'));
    const order = {
      account: given.get('account') ?? '',
      epoch: readCount(given, 'epoch', 1),
      version: readCount(given, 'version'),
      days: readDays(given, 400),
      keys: [...keys.map((jwk) => ({ jwk })), ...revoked.map((jwk) => ({ jwk, revokedAt: since }))],
    };
    const token = await signKeyset(await readRoot(given.get('root') ?? ''), order, Date.now());
    const file = given.get('out') ?? '';
    await writeNewFile(file, token, 0o644);
    io.out(
      given.json
        ? JSON.stringify({ file, keyset: token })
        : `Signed ${file}. Install it: leasehold keyset install ${file}`,
    );
    if (revoked.length > 0) {
      io.err(
        `Leases that a revoked key signed from ${new Date(since).toISOString()} on end where this arrives. Agents`,
      );
      io.err('online get another with it; one without a network needs the answer to a new request file.');
    }
    return EXIT.ok;
  },
};

/** @throws LeaseholdError INPUT_INVALID */
function readInstant(typed: string | undefined): number {
  if (typed === undefined) return Date.now();
  // Of other forms nobody knows which is the day and which the month; read wrongly, it would end leases of years.
  const at = isIso(typed) ? Date.parse(typed) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new LeaseholdError('INPUT_INVALID', `"${typed}" is no instant.`, {
    path: 'since',
    remedy: 'Write it like 2026-06-15T10:00:00Z.',
  });
}
