import { readFile } from 'node:fs/promises';
import { signRecovery } from '@leasehold/authority';
import { fromProblem, guards, LeaseholdError, pathOf } from '@leasehold/protocol';
import { readCount } from '../admin/values.js';
import { EXIT, type Command, type Given } from '../command.js';
import { readRoot } from '../key-file.js';
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
    const request = await wordOf(given);
    const out = given.get('out');
    if (out !== undefined) {
      await writeNewFile(out, request, 0o600);
      const next = `leasehold authority recover --request ${out} --url URL`;
      io.out(given.json ? JSON.stringify({ out }) : `Written to ${out}. Send it: ${next}`);
      return EXIT.ok;
    }
    const { token, connection, expiresAt } = await send(given.get('url') ?? '', request);
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
    const order = {
      account: given.get('account') ?? '',
      name: given.get('name') ?? 'recovered owner',
      days: readCount(given, 'days', 30),
    };
    return signRecovery(await readRoot(root), order, Date.now());
  }
  if (file !== undefined) return (await readFile(file, 'utf8')).trim();
  throw new LeaseholdError('INPUT_INVALID', '--root FILE or --request FILE is missing.', { path: 'options' });
}

async function send(url: string, request: string) {
  const reply = await fetch(`${url}${pathOf('recover')}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ request }),
    redirect: 'error',
    signal: AbortSignal.timeout(30_000),
  }).catch((cause: unknown) => {
    throw new LeaseholdError('AUTHORITY_UNREACHABLE', `${url} does not answer.`, { path: 'url', cause });
  });
  const value: unknown = await reply.json().catch(() => undefined);
  if (reply.ok && guards.isTokenCreated(value)) return value;
  throw fromProblem(value, reply.status);
}
