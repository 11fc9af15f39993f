import type { Signer } from '@leasehold/protocol';
import { canonicalCode } from '@leasehold/protocol';
import { assertText, mistake } from '../given.js';
import type { License, VoucherFetched, Waiting } from '../license.js';
import type { LicenseParts } from '../license-handle.js';
import { iso } from '../decision/facts.js';
import { online } from './media-desk.js';
import { asLeaseholdError, statusProblem } from '../problem-log.js';
import { startSession } from './technician.js';
import type { TechnicianOutcome, TechnicianRequest } from './technician.js';
import { startByVoucher } from './voucher.js';

/** Sessions of technicians: online, or by a voucher that was fetched before. */
export function technicianDesk(parts: LicenseParts, start: string): License['technician'] {
  const { installation, machine, clock } = parts;
  return {
    start: (request) => startOnline(parts, request),
    fetchVoucher: (code, waiting) => fetchVoucher(parts, code, waiting),
    startByVoucher: (use) => startByVoucher({ installation, machine, clock, start }, use),
    end: async (session, waiting) => {
      const isOne = typeof (session as unknown as typeof session | undefined)?.end === 'function';
      const problem = isOne
        ? await session.end(waiting)
        : mistake('session', 'what `start` or `startByVoucher` answered');
      return problem === undefined ? undefined : statusProblem(problem, clock.wall());
    },
  };
}

function startOnline(parts: LicenseParts, request: TechnicianRequest): Promise<TechnicianOutcome> {
  const { settings, transport, installation, clock, random, machine } = parts;
  const { trust } = installation;
  const here = { machine: machineName(parts), os: machine.report.os };
  const signer = (): Promise<Signer> => deviceKey(parts);
  return startSession({ product: settings.product, transport, trust, clock, random, signer, here }, request);
}

async function deviceKey({ ownership, identity }: LicenseParts): Promise<Signer> {
  await ownership.settled();
  return identity.findOrCreate();
}

/** This machine as a session names it: by its instance, or by a part of it where it has no license of its own. */
function machineName({ installation, machine }: LicenseParts): string {
  const known = installation.document.holding?.instance ?? Object.values(machine.components)[0];
  return known ?? machine.report.label ?? 'unknown';
}

async function fetchVoucher(parts: LicenseParts, code: string, waiting?: Waiting): Promise<VoucherFetched> {
  const { transport, settings, installation, clock } = parts;
  try {
    assertText(code, 'code');
    const body = { product: settings.product, code: canonicalCode(code) };
    const signer = await deviceKey(parts);
    const { voucher, keyset } = await online(transport).call('voucherFetch', { body, signer, signal: waiting?.signal });
    const trust = installation.trust.aside();
    await trust.adoptKeyset(keyset);
    const { media, exp } = await trust.voucher(voucher);
    return { ok: true, voucher, keyset, media, until: iso(exp * 1000) };
  } catch (cause) {
    return { ok: false, problem: statusProblem(asLeaseholdError(cause), clock.wall()) };
  }
}
