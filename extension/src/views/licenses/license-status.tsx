import { useState } from 'preact/hooks';
import { StatusChip, type Tone } from '../../components/status-chip.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import type { LicenseRow } from '../../model/rows.js';
import { b } from '../../texts/buying.js';
import { endOf, shortSpan } from '../../texts/format.js';
import { n } from '../../texts/names.js';
import { ChangeTypeDialog } from './license-dialogs.js';

const TONES: Readonly<Record<LicenseRow['status'], Tone>> = {
  valid: 'ok',
  expires_soon: 'attention',
  grace: 'attention',
  expired: 'stop',
  revoked: 'stop',
};

/** What the row says first, and how long still; a trial that has ended shows its key. */
export function LicenseStatus({ license }: { license: LicenseRow }) {
  const { status, kind } = license;
  const until = status === 'expires_soon' ? license.validUntil : license.graceUntil;
  const rest = until ? shortSpan(Math.max(0, endOf(until) - now.value)) : undefined;
  const chip = { tone: TONES[status], word: n.value.licenseStatus[status], rest };
  return <StatusChip {...chip} {...(kind === 'trial' && status === 'expired' && { icon: 'key' as const })} />;
}

/** Beside a trial that has ended: a bought license for its computer. */
export function GrantButton({ live, license }: { live: Live; license: LicenseRow }) {
  const [isAsked, setAsked] = useState(false);
  const { kind, status, profile, assignedTo } = license;
  const isEnded = kind === 'trial' && status === 'expired' && profile === 'msp' && assignedTo !== null;
  if (!isEnded || !canChange.value) return null;
  return (
    <>
      <button type="button" class="text-button" onClick={() => setAsked(true)}>
        {b.value.grant}
      </button>
      {isAsked && <ChangeTypeDialog live={live} license={license} close={() => setAsked(false)} />}
    </>
  );
}
