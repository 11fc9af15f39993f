import { signRecovery } from '@leasehold/authority';
import { fromProblem, guards, LeaseholdError, pathOf } from '@leasehold/protocol';
import { reach } from '../admin/client.js';
import { readDays } from '../admin/values.js';
import { readOrigin } from '../authority-place.js';
import { EXIT, type Command, type Given } from '../command.js';
import { readRoot } from '../key-file.js';
import { readTextFile } from '../read-file.js';
import { writeNewFile } from '../write-file.js';

export const command: Command = {
  options: {
    root: { what: 'File of the private root key', value: 'FILE' },
    account: { what: 'The account, with --root', value: 'ID' },
    name: { what: 'Whose the token is (recovered owner)', value: 'NAME' },
    days: { what: 'How long it is valid (30)', value: 'DAYS' },
    out: { what: 'Only write the word of the root there, to be carried to the authority', value: 'FILE' },
    request: { what: 'The word of the root, as --out wrote it', value: 'FILE' },
    url: { what: 'Address of the authority', value: 'URL' },
  },
  notes: [
    'The way back in when no owner has a token any more: the root key says who is an owner. Sign and send in one go with',
    '--root and --url, or keep the root offline: --root --out FILE there, --request FILE --url here. Good for a day, once.',
  ],
  async run(given, io) {
    const [url, out] = [readOrigin(given), given.get('out')];
    if (url === undefined && out === undefined) throw missing('--url URL or --out FILE');
    const request = await wordOf(given);
    if (out !== undefined) {
      await writeNewFile(out, request, 0o600);
      const next = `leasehold authority recover --request ${out} --url URL`;
      io.out(given.json ? JSON.stringify({ out }) : `Written to ${out}. Send it: ${next}`);
      return EXIT.ok;
    }
    const { token, connection, expiresAt } = await send(url!, request);
    if (given.json) io.out(JSON.stringify({ ownerToken: token, connection, expiresAt }));
    else {
      io.out(`Token of the owner, shown this once: ${token}`);
      io.out(connection);
    }
    return EXIT.ok;
  },
};

async function wordOf(given: Given): Promise<string> {
  const [root, file] = [given.get('root'), given.get('request')];
  if (root !== undefined) {
    const account = given.get('account');
    if (account === undefined) throw missing('--account ID');
    const order = {
      account,
      name: given.get('name') ?? 'recovered owner',
      days: readDays(given, 30),
    };
    return signRecovery(await readRoot(root), order, Date.now());
  }
  if (file !== undefined) return (await readTextFile(file)).trim();
  throw missing('--root FILE or --request FILE');
}

function missing(options: string): LeaseholdError {
  const remedy = 'See: leasehold authority recover --help';
  return new LeaseholdError('INPUT_INVALID', `${options} is missing.`, { path: 'options', remedy });
}

async function send(url: string, request: string) {
  const headers = { 'content-type': 'application/json' };
  const call = { method: 'POST', headers, body: JSON.stringify({ request }) };
  const reply = await reach(`${url}${pathOf('recover')}`, call, 30);
  const value: unknown = await reply.json().catch(() => undefined);
  if (reply.ok && guards.isTokenCreated(value)) return value;
  throw fromProblem(value, reply.status);
}
