import { randomBytes } from 'node:crypto';
import type { ReplyOf } from '@leasehold/protocol';
import { waitFor } from './abort.js';
import { hasActivation } from './lease/activation-key.js';
import { AirGap } from './lease/air-gap.js';
import { Authorizer } from './decision/authorize.js';
import { Chain } from './lease/chain.js';
import { Deadlines } from './lease/deadlines.js';
import { DeviceIdentity } from './machine/device-identity.js';
import { Emitter } from './emitter.js';
import { Installation } from './machine/installation.js';
import { currentStatus, licenseOf } from './license-handle.js';
import type { LicenseParts } from './license-handle.js';
import type { License, LicenseEvents } from './license.js';
import { hashOf, readThisMachine } from './machine/machine.js';
import { lookAgainInTime } from './machine/look-again.js';
import { readOptions } from './options.js';
import type { LicenseOptions, Settings } from './options.js';
import { Ownership } from './state/ownership.js';
import type { Role } from './state/ownership.js';
import { readPartsInTime } from './parts.js';
import { ProblemLog } from './problem-log.js';
import { Refusals } from './decision/refusals.js';
import { beginFirstRun } from './lease/first-run-start.js';
import { Renewal } from './lease/renewal.js';
import { runtimeProblem } from './runtime.js';
import { keepSpareFile } from './spare-file.js';
import { seemsHeld } from './state/lock-names.js';
import { probeFolder } from './state/state-problems.js';
import type { Status } from './status.js';
import { believeSignedTime } from './lease/signed-time.js';
import { StateStore } from './state/state-store.js';
import { Transport } from './wire/transport.js';
import { systemClock } from './lease/trusted-clock.js';
import { UsageDesk } from './usage/usage-desk.js';
import { UsageOutbox } from './usage/usage-outbox.js';
import { undiciWire } from './wire/wire.js';

/** An installation that holds nothing usable waits this long for its first contact before it answers by what it has. */
const FIRST_CONTACT_MS = 20_000;

/** Opens the license of this installation: reads what is held, verifies it down to the pinned roots, and where nothing
 * usable is held asks the authority once. Rejects only for a mistake in the options (OPTIONS_INVALID); whatever is wrong
 * with disk, state, clock or network is in `status().problems` of the handle, and restores are open. */
export async function openLicense(options: LicenseOptions): Promise<License> {
  const settings = readOptions(options);
  const parts = await assemble(settings);
  lookAround(parts);
  await parts.installation.load();
  if (settings.firstRunDays !== undefined) await beginFirstRun(parts.installation);
  if (needsContact(parts)) await firstContact(parts);
  else if (seemsHeld(settings.stateDir)) await parts.ownership.settled();
  setImmediate(() => settleDown(parts));
  return licenseOf(parts);
}

/** A lock, a socket and all that goes online cost a start more than everything else together, and no answer rests on them. */
function settleDown(parts: LicenseParts): void {
  const { ownership, renewal, installation } = parts;
  keepSpareFile();
  readPartsInTime();
  void ownership.settled();
  renewal?.start();
  // A contact looks by itself.
  if (renewal === undefined && installation.isUnread) lookAgainInTime(parts);
}

/** Puts the parts together; nothing is read or written yet but the machine's own identity. */
async function assemble(settings: Settings): Promise<LicenseParts> {
  const { testing = {}, stateDir, product } = settings;
  const random = testing.random ?? randomBytes;
  const machine = await readThisMachine(settings);
  const clock = testing.clock ?? systemClock(hashOf(machine.fingerprint.bootId));
  const events = new Emitter<LicenseEvents>(['change', 'warning']);
  const problems = new ProblemLog(
    () => clock.wall(),
    (problem) => events.emit('warning', problem),
  );
  const store = new StateStore({ folder: stateDir, binding: machine.fingerprint.binding, random });
  const identity = new DeviceIdentity({ product, stateDir, store, secrets: settings.secrets });
  const service = { status: () => currentStatus(parts), check: () => checkForOthers(parts) };
  const socket = { folder: stateDir, ...testing.socket };
  const onOwned = (former: Role): Promise<void> => takeOver(parts, former);
  const ownership = new Ownership({ service, socket, problems, onOwned });
  const mayWrite = async (): Promise<boolean> => (await ownership.settled()) === 'owner';
  const installation = new Installation({ settings, machine, store, identity, problems, clock, mayWrite });
  const outbox = (): UsageOutbox => new UsageOutbox({ folder: stateDir, now: () => installation.clock.read().now });
  const usage = new UsageDesk(outbox, () => ownership.role, problems);
  const deadlines = new Deadlines(installation, problems);
  const chain = new Chain(store, random, mayWrite, () => installation.clock.read().now);
  const refusals = new Refusals();
  const onChange = (): void => {
    if (events.hears('change')) events.emit('change', currentStatus(parts));
  };
  const onRefused = (): void => parts.renewal?.soon();
  const authorizer = new Authorizer({ installation, problems, refusals, onRefused });
  const offline = { settings, machine, clock, random, installation, identity, ownership, problems, authorizer };
  const common = { ...offline, deadlines, usage, events, chain, onChange, refusals, store };
  const parts: LicenseParts = Object.assign(madeWhenAsked(common), common);
  return parts;
}

type Common = Omit<LicenseParts, 'airGap' | 'transport' | 'renewal'> & { readonly store: StateStore };

/** The ways to the authority, by network or by file: each is put together when it is asked for. */
function madeWhenAsked(common: Common): Pick<LicenseParts, 'airGap' | 'transport' | 'renewal'> {
  let [airGap, online]: [AirGap?, Online?] = [];
  const goOnlineOnce = (): Online => (online ??= goOnline(common));
  return {
    get airGap() {
      return (airGap ??= new AirGap({ ...common, machine: () => common.machine.report }));
    },
    get transport() {
      return goOnlineOnce().transport;
    },
    get renewal() {
      return goOnlineOnce().renewal;
    },
  };
}

type Online = Pick<LicenseParts, 'transport' | 'renewal'>;

/** Transport and renewal, where an authority is set; the network library is loaded with the first request. */
function goOnline(common: Common): Online {
  const { settings, clock, random, machine, installation } = common;
  const { authority, testing, ca } = settings;
  if (authority === undefined) return { transport: undefined, renewal: undefined };
  const wire = testing?.wire ?? undiciWire(ca === undefined ? {} : { ca });
  const believeTime = (reply: ReplyOf<'time'>, nonce: string) => believeSignedTime(installation, reply, nonce);
  const transport = new Transport({ authority, wire, random, now: () => clock.wall(), believeTime });
  const renewal = new Renewal({ ...common, machine: () => machine.report, transport, wire });
  return { transport, renewal };
}

/** What can be told before anything is tried: an old Node, a folder that cannot be written. */
function lookAround({ settings, problems, ownership }: LicenseParts): void {
  const runtime = runtimeProblem(process.version);
  if (runtime !== undefined) problems.note('runtime', runtime);
  const folder = probeFolder(settings.stateDir);
  if (folder !== undefined) ownership.giveUp(folder);
}

/** The folder is ours: what another process wrote meanwhile counts, and the reports that wait go on. What we could not
 * write ourselves is newer than what lies there. */
async function takeOver({ installation, usage }: LicenseParts, former: Role): Promise<void> {
  if (former !== 'none' || installation.isUnread) await installation.load();
  await usage.open();
}

/** Nothing is held that could answer for a backup today, and somebody can be asked. A held lease is never waited for. */
function needsContact({ installation, settings }: LicenseParts): boolean {
  if (settings.authority === undefined) return false;
  const { rights } = installation.standing;
  if (rights !== undefined) return installation.clock.read().now >= rights.endsAt;
  return hasActivation(settings) || installation.document.holding !== null;
}

async function firstContact({ renewal, settings: { signal } }: LicenseParts): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FIRST_CONTACT_MS);
  });
  await waitFor(Promise.race([renewal?.check(), late]), signal).catch(() => undefined);
  clearTimeout(timer);
}

/** What another process of this machine gets for its `check`: the status after it. */
async function checkForOthers(parts: LicenseParts): Promise<Status> {
  await parts.renewal?.check(true);
  return currentStatus(parts);
}
