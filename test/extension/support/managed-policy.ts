import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM } from './chromium.js';

/** Where Debian's Chromium reads the policies of an organization. */
const PLACE = '/etc/chromium';

const NO_POLICY =
  'skipped: a managed policy needs /etc/chromium and a mount namespace (unshare --user --mount), which this machine refuses';

/** Whether a browser can be given a policy that no other browser of this machine sees; says why not. Machines that refuse
 * namespaces to their users are in order, also in CI. */
export function canManage(): boolean {
  if (existsSync(PLACE) && canMount()) return true;
  console.warn(NO_POLICY);
  return false;
}

function canMount(): boolean {
  const words = ['--user', '--map-root-user', '--mount', 'mount', '--bind', tmpdir(), PLACE];
  try {
    execFileSync('unshare', words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A program that starts Chromium under a policy for one extension, as an administrator sets it for all browsers. The
 * policy's folder is mounted for that process alone. */
export function managedChromium(id: string, values: object): { readonly executable: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-policy-'));
  const policies = join(folder, 'etc/policies/managed');
  mkdirSync(policies, { recursive: true });
  writeFileSync(join(policies, 'leasehold.json'), JSON.stringify({ '3rdparty': { extensions: { [id]: values } } }));
  const executable = join(folder, 'chromium');
  const mount = `mount --bind ${join(folder, 'etc')} ${PLACE}`;
  writeFileSync(
    executable,
    `#!/bin/sh\nexec unshare --user --map-root-user --mount sh -c '${mount} && exec ${CHROMIUM} "$@"' sh "$@"\n`,
  );
  chmodSync(executable, 0o755);
  return { executable, remove: () => rmSync(folder, { recursive: true }) };
}
