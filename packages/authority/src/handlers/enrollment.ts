import { formatLicenseKey } from '@leasehold/protocol';
import { drawSecret, freshId, pageOf, type Handler } from '../serving/call.js';
import { digestOf } from '../keys/ed25519.js';
import { changed, make, param, plain } from './change.js';

const DAY = 86_400_000;

type EnrollmentRoute = 'enrollmentKeys' | 'enrollmentKeyCreate' | 'enrollmentKeyRevoke';

/** Keys for the roll-out to many machines: shown once, kept as their hash alone. */
export const enrollmentHandlers: { readonly [R in EnrollmentRoute]: Handler<R> } = {
  enrollmentKeys: (call) => call.services.store.read('enrollmentKeys', pageOf(call)),
  async enrollmentKeyCreate(call) {
    const { name, company = null, licenses = null, profile = null, type = null, maxUses, validDays } = call.body;
    const enrollmentKey = formatLicenseKey('enrollment', drawSecret(call, 16, 'enrollment key'));
    const { at, outcome } = await make(call, 'enrollmentKeyCreate', {
      id: freshId(call, 'enroll'),
      keyHash: digestOf(enrollmentKey),
      name,
      company,
      licenses,
      profile,
      type,
      maxUses,
      expiresAt: call.now + validDays * DAY,
    });
    const { decision, result } = outcome;
    const reply = { ...at, decision: plain(decision), dryRun: result === null };
    if (result === null) return reply;
    return { ...reply, id: result.id, enrollmentKey, expiresAt: new Date(result.expiresAt).toISOString() };
  },
  enrollmentKeyRevoke: (call) => changed(call, 'enrollmentKeyRevoke', { id: param(call, 'key') }),
};
