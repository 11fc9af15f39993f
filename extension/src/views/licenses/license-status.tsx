import { StatusChip, type Tone } from '../../components/status-chip.js';
import { now } from '../../model/clock.js';
import type { LicenseRow } from '../../model/rows.js';
import { endOf, shortSpan } from '../../texts/format.js';
import { n } from '../../texts/names.js';

const DAY = 86_400_000;
/** D-3: a subscription of a machine goes on for 30 days after its end. */
const GRACE_MS = 30 * DAY;

const TONES: Readonly<Record<LicenseRow['status'], Tone>> = {
  valid: 'ok',
  expires_soon: 'attention',
  grace: 'attention',
  expired: 'stop',
  revoked: 'stop',
};

/** What the row says first, and how long still. */
export function LicenseStatus({ license }: { license: LicenseRow }) {
  const { status, validUntil } = license;
  const end = validUntil === null ? undefined : endOf(validUntil) + (status === 'grace' ? GRACE_MS : 0);
  const isCounting = status === 'expires_soon' || status === 'grace';
  const rest = isCounting && end !== undefined ? shortSpan(Math.max(0, end - now.value)) : undefined;
  return <StatusChip tone={TONES[status]} word={n.value.licenseStatus[status]} rest={rest} />;
}
