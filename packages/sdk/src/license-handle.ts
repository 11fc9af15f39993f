import { LeaseholdError } from '@leasehold/protocol';
import { advise, readRequest } from '@leasehold/terms';
import type { Plan, Request } from '@leasehold/terms';
import { waitFor } from './abort.js';
import type { AirGap, RequestPurpose } from './lease/air-gap.js';
import type { Answer } from './decision/answer.js';
import type { Authorizer } from './decision/authorize.js';
import type { Chain } from './lease/chain.js';
import type { Deadlines } from './lease/deadlines.js';
import { deactivate } from './lease/deactivate.js';
import type { DeviceIdentity } from './machine/device-identity.js';
import { diagnosticsOf } from './diagnostics.js';
import type { Emitter } from './emitter.js';
import { factsAt, resolveSelf } from './decision/facts.js';
import { generalize } from './machine/generalize.js';
import type { Installation } from './machine/installation.js';
import { installFile } from './machine/install.js';
import { registerLender } from './lending.js';
import type {
  CheckOutcome,
  InstallOutcome,
  License,
  LicenseEvents,
  LineageOutcome,
  LineageRequest,
  RequestOutcome,
  Waiting,
} from './license.js';
import { makeLineageNote } from './lease/lineage.js';
import type { ThisMachine } from './machine/machine.js';
import type { Settings } from './options.js';
import type { Ownership } from './state/ownership.js';
import { asLeaseholdError, statusProblem } from './problem-log.js';
import type { ProblemLog } from './problem-log.js';
import { inventoryDesk } from './machine/inventory-desk.js';
import { mediaDesk } from './media/media-desk.js';
import { makeRecoveryProof } from './trust/recovery-proof.js';
import type { Refusals } from './decision/refusals.js';
import type { Renewal } from './lease/renewal.js';
import { whatIsSent } from './sent.js';
import { statusOf } from './status.js';
import type { Status } from './status.js';
import { technicianDesk } from './media/technician-desk.js';
import type { Transport } from './wire/transport.js';
import type { Clock } from './lease/trusted-clock.js';
import type { UsageDesk } from './usage/usage-desk.js';

/** All parts of an open license, put together by `openLicense`. */
export interface LicenseParts {
  readonly settings: Settings;
  readonly machine: ThisMachine;
  readonly clock: Clock;
  readonly random: (size: number) => Buffer;
  readonly installation: Installation;
  readonly identity: DeviceIdentity;
  readonly ownership: Ownership;
  readonly problems: ProblemLog;
  readonly deadlines: Deadlines;
  readonly authorizer: Authorizer;
  readonly usage: UsageDesk;
  readonly events: Emitter<LicenseEvents>;
  readonly chain: Chain;
  readonly refusals: Refusals;
  readonly airGap: AirGap;
  readonly onChange: () => void;
  /** Both undefined where no authority is set. */
  readonly transport: Transport | undefined;
  readonly renewal: Renewal | undefined;
}

/** What a vendor holds: each member hands on to the part that does the work. */
export function licenseOf(parts: LicenseParts): License {
  const { authorizer, usage, events } = parts;
  const status = (): Status => currentStatus(parts);
  const license: License = Object.assign(desksOf(parts), {
    status,
    authorize: (request) => authorizer.authorize(request),
    bind: (request) => bind(authorizer, request),
    advise: (request) => adviceFor(parts.installation, request),
    check: (waiting) => check(parts, waiting),
    install: (file) => install(parts, file),
    requestFile: (purpose) => requestFile(parts, purpose),
    responseFile: (file) => responseFile(parts, file),
    deactivate: (waiting) => deactivate(parts, waiting?.signal),
    lineageNote: (request) => lineageNote(parts, request),
    generalize: (wishes) => generalize(parts, wishes),
    recoveryProof: () => recoveryProof(parts),
    usage: { record: (record) => usage.record(record), health: () => usage.health() },
    diagnostics: () =>
      diagnosticsOf({
        status: status(),
        usage: usage.health(),
        machine: parts.machine.fingerprint,
        lease: parts.installation.standing.rights?.lease ?? null,
        sent: whatIsSent(parts),
        settings: parts.settings,
      }),
    on: (event, listener) => events.on(event, listener),
    close: () => close(parts),
    [Symbol.asyncDispose]: () => close(parts),
  } satisfies Omit<License, keyof Desks>);
  registerLender(license, parts);
  return license;
}

type Desks = Pick<License, 'technician' | 'media' | 'inventory'>;

/** What only some products ask for: each desk is made when it is asked for. */
function desksOf(parts: LicenseParts): Desks {
  const start = parts.random(16).toString('base64url');
  let [technician, media, inventory]: [Desks['technician']?, Desks['media']?, Desks['inventory']?] = [];
  return {
    get technician() {
      return (technician ??= technicianDesk(parts, start));
    },
    get media() {
      return (media ??= mediaDesk(parts, start));
    },
    get inventory() {
      return (inventory ??= inventoryDesk(parts));
    },
  };
}

export function currentStatus(parts: LicenseParts): Status {
  const { installation, machine, settings, ownership, problems, deadlines, renewal } = parts;
  deadlines.look();
  const { product, version } = settings;
  const { fingerprint } = machine;
  const nextAt = renewal?.nextAt ?? null;
  return statusOf({
    installation,
    fingerprint,
    product,
    version,
    role: ownership.role,
    nextAt,
    problems: problems.list(),
  });
}

function bind(authorizer: Authorizer, request: Request): { authorize(): Answer } {
  const asked = { ...request };
  return { authorize: () => authorizer.authorize(asked) };
}

/** A plan is a service, never a stop: what cannot be planned has none. */
function adviceFor(installation: Installation, request: Request): Plan | undefined {
  const { rights } = installation.standing;
  if (rights === undefined) return undefined;
  try {
    const facts = factsAt(rights, installation.moment());
    return advise(facts, readRequest(facts, resolveSelf(request, rights.self)));
  } catch {
    return undefined;
  }
}

async function check(parts: LicenseParts, waiting?: Waiting): Promise<CheckOutcome> {
  const { renewal, clock } = parts;
  const checked = renewal === undefined ? lookAlone(parts) : renewal.check(true);
  const error = await waitFor(checked, waiting?.signal).catch(asLeaseholdError);
  const status = currentStatus(parts);
  return error === undefined
    ? { ok: true, status }
    : { ok: false, status, problem: statusProblem(error, clock.wall()) };
}

async function install(parts: LicenseParts, file: string): Promise<InstallOutcome> {
  try {
    await parts.ownership.assertNotReader();
    await parts.installation.readAgain();
    const installed = await installFile(parts.installation, file, parts.problems);
    parts.onChange();
    return { ok: true, installed, status: currentStatus(parts) };
  } catch (error) {
    const problem = statusProblem(asLeaseholdError(error), parts.clock.wall());
    return { ok: false, problem, status: currentStatus(parts) };
  }
}

async function requestFile({ airGap, clock }: LicenseParts, purpose: RequestPurpose): Promise<RequestOutcome> {
  try {
    return { ok: true, file: await airGap.request(purpose) };
  } catch (error) {
    return { ok: false, problem: statusProblem(asLeaseholdError(error), clock.wall()) };
  }
}

async function responseFile(parts: LicenseParts, file: string): Promise<CheckOutcome> {
  try {
    await parts.airGap.respond(file);
    return { ok: true, status: currentStatus(parts) };
  } catch (error) {
    const problem = statusProblem(asLeaseholdError(error), parts.clock.wall());
    return { ok: false, problem, status: currentStatus(parts) };
  }
}

async function recoveryProof({ installation, identity, settings }: LicenseParts): Promise<string | undefined> {
  const { rights } = installation.standing;
  const { holding } = installation.document;
  const signer = await identity.find().catch(() => undefined);
  const { keyset } = installation.trust;
  if (rights === undefined || holding === null || signer === undefined || keyset === undefined) return undefined;
  const { iss, jti } = rights.lease;
  const held = { product: settings.product, account: iss, keyset: keyset.token, holding, leaseId: jti, signer };
  return makeRecoveryProof(held, installation.clock.read().now);
}

async function lineageNote(parts: LicenseParts, request: LineageRequest): Promise<LineageOutcome> {
  try {
    return { ok: true, note: await makeLineageNote(parts, request) };
  } catch (error) {
    return { ok: false, problem: statusProblem(asLeaseholdError(error), parts.clock.wall()) };
  }
}

async function close({ renewal, usage, installation, ownership, transport }: LicenseParts): Promise<void> {
  await renewal?.stop();
  await ownership.settled();
  await usage.close();
  if (installation.document.holding !== null) await installation.save();
  await transport?.close();
  await ownership.close();
}

/** Nobody can be asked; a state that could not be read may be there now. */
async function lookAlone({ installation, ownership }: LicenseParts): Promise<LeaseholdError> {
  await ownership.take();
  await installation.readAgain();
  return noAuthority();
}

function noAuthority(): LeaseholdError {
  return new LeaseholdError('AUTHORITY_UNREACHABLE', 'No authority is set for this installation.', {
    remedy: 'Give the option `authority` with the address of the license authority.',
  });
}
