import { isMeReply } from '@leasehold/protocol/guards';
import { LeaseholdError, parseConnection, type Connection } from '@leasehold/protocol';
import type { Platform } from '../platform.js';
import { Authority, type Fetch } from './authority.js';
import { fetchKeyset } from './keyset.js';
import { readConnections, saveConnection, updateTrust, type SavedConnection } from './saved.js';

/** Connection strings that an administrator gave to every browser by policy, whole ones only. */
export async function givenConnections(platform: Platform): Promise<readonly string[]> {
  const given = await platform.readPolicy('connections');
  if (!Array.isArray(given)) return [];
  return given.filter((text): text is string => typeof text === 'string' && isConnection(text));
}

function isConnection(text: string): boolean {
  try {
    parseConnection(text);
    return true;
  } catch {
    return false;
  }
}

/** Connects by one pasted string. Call it from the click itself: the browser asks for host access only there.
 * Rejects with LeaseholdError (PERMISSION_DENIED when host access was refused) or TrustBroken; nothing is stored then. */
export async function connect(
  platform: Platform,
  pasted: string,
  now: number,
  fetch?: Fetch,
): Promise<SavedConnection> {
  const connection = parseConnection(pasted);
  const granted = await platform.requestHost(connection.url);
  if (!granted) {
    throw new LeaseholdError('PERMISSION_DENIED', 'The browser was not allowed to reach this authority.');
  }
  try {
    return await adopt(platform, connection, now, fetch);
  } catch (error) {
    await giveBack(platform, connection.url);
    throw error;
  }
}

/** The order matters: no token leaves before the keyset has proved that the authority is the pinned one. */
async function adopt(platform: Platform, connection: Connection, now: number, fetch?: Fetch): Promise<SavedConnection> {
  const { url, roots, token } = connection;
  const keyset = await fetchKeyset(new Authority({ url, token: '' }, fetch), roots);
  const me = await new Authority(connection, fetch).call('me', isMeReply);
  const id = `${me.account}@${new URL(url).host}`;
  const saved: SavedConnection = { id, url, roots, token, account: me.account, name: me.name, addedAt: now };
  await updateTrust(platform, id, () => ({ keyset: { epoch: keyset.epoch, version: keyset.version } }));
  await saveConnection(platform, saved);
  return saved;
}

async function giveBack(platform: Platform, url: string): Promise<void> {
  const used = (await readConnections(platform)).some((each) => new URL(each.url).hostname === new URL(url).hostname);
  if (!used) await platform.releaseHost(url).catch(() => undefined);
}
