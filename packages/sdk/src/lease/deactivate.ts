import { LeaseholdError } from '@leasehold/protocol';
import type { Chain } from './chain.js';
import type { DeviceIdentity } from '../machine/device-identity.js';
import type { Installation } from '../machine/installation.js';
import type { DeactivateOutcome } from '../license.js';
import type { Ownership } from '../state/ownership.js';
import { asLeaseholdError, statusProblem } from '../problem-log.js';
import type { Transport } from '../wire/transport.js';
import type { Clock } from './trusted-clock.js';

interface DeactivateParts {
  readonly installation: Installation;
  readonly identity: DeviceIdentity;
  readonly ownership: Ownership;
  readonly transport: Transport | undefined;
  readonly chain: Chain;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** Gives the seat back, signed by its holder: then it is free at once. Only the authority's word empties the state; while
 * it cannot be reached, nothing changes here. */
export async function deactivate(parts: DeactivateParts, signal?: AbortSignal): Promise<DeactivateOutcome> {
  const { installation, identity, ownership, transport, chain, clock, onChange } = parts;
  try {
    await ownership.assertNotReader();
    await installation.readAgain();
    const { rights } = installation.standing;
    const { holding } = installation.document;
    const signer = await identity.find();
    if (rights === undefined || holding === null || signer === undefined) throw nothingHeld();
    if (transport === undefined) throw offline();
    const intent = await chain.link(rights.lease.jti, null);
    const link = { parent: intent.parent, nonce: intent.nonce };
    const body = { instance: holding.instance, chain: link };
    const reply = await transport.call('deactivate', { body, signer, signal });
    await installation.clear();
    await chain.drop();
    await identity.forget();
    onChange();
    return { ok: true, reusableFrom: reply.reusableFrom };
  } catch (cause) {
    return { ok: false, problem: statusProblem(asLeaseholdError(cause), clock.wall()) };
  }
}

function nothingHeld(): LeaseholdError {
  return new LeaseholdError('NOT_ACTIVATED', 'There is no seat to give back here.', {
    remedy: 'An admin releases the seat of a lost installation in the console.',
  });
}

function offline(): LeaseholdError {
  return new LeaseholdError('AUTHORITY_UNREACHABLE', 'A seat is given back to its authority, and none is set here.', {
    remedy: 'Give the option `authority`, or let an admin release the seat in the console.',
  });
}
