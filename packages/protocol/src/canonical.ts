import { toBase64Url, utf8 } from './bytes.js';
import type { Sha256 } from './journal.js';
import type { EntitlementsClaims } from './messages/types.js';

/** JSON with sorted member names and no spaces: one text for one value, whoever writes it. Undefined members are left
 * out, as JSON leaves them out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const object = value as Readonly<Record<string, unknown>>;
  let members = '';
  for (const name of Object.keys(object).sort()) {
    const member = object[name];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** What a lease names as `entitlements`: base64url SHA-256 over whom and what it entitles, not over the token that
 * carries it, so that the same facts signed again keep their digest. */
export async function entitlementsDigest(entitled: Entitled, sha256: Sha256): Promise<string> {
  return toBase64Url(await sha256(utf8(entitlementsText(entitled))));
}

type Entitled = Pick<EntitlementsClaims, 'self' | 'facts' | 'catalog'>;

/** What that digest is of. */
export function entitlementsText({ self, facts, catalog }: Entitled): string {
  return canonicalJson({ self, facts, catalog });
}
