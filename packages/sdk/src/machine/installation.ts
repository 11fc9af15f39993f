import { LeaseholdError } from '@leasehold/protocol';
import type { ExtensionClaims } from '@leasehold/protocol';
import type { DeviceIdentity } from './device-identity.js';
import { endOf, readExtensionNote } from '../lease/extension-note.js';
import { rightsOf } from '../decision/facts.js';
import type { Moment, Rights } from '../decision/facts.js';
import { FIRST_RUN_OVER, endsFirstRun, firstRunUntil } from '../lease/first-run.js';
import type { Standing } from '../decision/judge.js';
import { EMPTY_DOCUMENT, readDocument } from '../lease/license-document.js';
import type { Holding, LicenseDocument } from '../lease/license-document.js';
import { LocalGuests } from './local-guests.js';
import { isAnotherMachine } from './machine.js';
import type { ThisMachine } from './machine.js';
import { Notices } from '../lease/notices.js';
import type { Settings } from '../options.js';
import { asLeaseholdError } from '../problem-log.js';
import type { ProblemLog } from '../problem-log.js';
import type { Unavailable } from '../state/durable-file.js';
import { folderProblem, newerForm, stateProblem } from '../state/state-problems.js';
import type { StateStore } from '../state/state-store.js';
import { TrustPath } from '../trust/trust.js';
import { TrustedClock } from '../lease/trusted-clock.js';
import type { Clock } from '../lease/trusted-clock.js';

const DOCUMENT = 'license';

export interface InstallationParts {
  readonly settings: Settings;
  readonly machine: ThisMachine;
  readonly store: StateStore;
  readonly identity: DeviceIdentity;
  readonly problems: ProblemLog;
  readonly clock: Clock;
  /** Is the folder ours to write? Another process may hold it. */
  readonly mayWrite: () => Promise<boolean>;
}

/** What this installation holds and may do: the state document in memory, verified, with everything an answer rests on. */
export class Installation {
  readonly trust: TrustPath;
  readonly localGuests: LocalGuests = new LocalGuests();
  readonly #parts: InstallationParts;
  #clock: TrustedClock;
  #notices: Notices = new Notices();
  #document: LicenseDocument = EMPTY_DOCUMENT;
  #standing: Standing = { missing: 'NOT_ACTIVATED' };
  /** Of the document, as it lies on disk. */
  #generation: number | undefined;
  /** `unread`: there may be a state, which could not be read yet; nothing is written over it. */
  #known: 'nothing' | 'unread' | 'read' = 'nothing';
  /** Of the last contact; before the first one there is nothing to complain about. */
  reachable = true;

  constructor(parts: InstallationParts) {
    this.#parts = parts;
    this.trust = new TrustPath(parts.settings.roots, parts.settings.product);
    this.#clock = new TrustedClock(parts.clock);
  }

  get clock(): TrustedClock {
    return this.#clock;
  }
  get notices(): Notices {
    return this.#notices;
  }
  get document(): LicenseDocument {
    return this.#document;
  }
  get standing(): Standing {
    return this.localGuests.over(this.#standing);
  }

  /** The instant of one operation. A clock that lies behind is told to the rules along with the trusted time (D-6). */
  moment(): Moment {
    const { now, verdict } = this.#clock.read();
    const wall = this.#parts.clock.wall();
    const behind = (verdict === 'behind' || verdict === 'rolled_back') && wall < now ? { behind: wall } : {};
    return { now, ...behind };
  }

  /** Reads the state, unless it is the one held here, and believes what its seals prove. Never rejects: what is damaged is
   * a problem, and nothing reads as licensed because of it. What is held here outlives a state that cannot be read. */
  async load(): Promise<void> {
    const { store, settings, problems, clock } = this.#parts;
    const read = await store.read(DOCUMENT);
    if (read.outcome === 'unavailable') return this.#leaveUnread(read);
    const document = read.outcome === 'found' ? readDocument(read.value) : EMPTY_DOCUMENT;
    const problem = document === undefined ? newerForm() : stateProblem(read, settings.stateDir);
    if (problem === undefined) problems.cured('state');
    else problems.note('state', problem);
    const generation = read.outcome === 'found' ? read.generation : undefined;
    if (problem === undefined && this.#known === 'read' && generation === this.#generation) return;
    this.#known = 'read';
    this.#generation = generation;
    this.#document = document ?? EMPTY_DOCUMENT;
    this.#clock = new TrustedClock(clock, this.#document.clock ?? undefined);
    this.#notices = new Notices(this.#document.told);
    await this.#believe(problem);
  }

  #leaveUnread(read: Unavailable): void {
    const { settings, problems } = this.#parts;
    const problem = folderProblem(read, settings.stateDir, 'read');
    problems.note('state', problem);
    if (this.#known === 'read') return;
    this.#known = 'unread';
    this.#standing = { missing: problem.code };
  }

  get isUnread(): boolean {
    return this.#known === 'unread';
  }

  /** Reads a state again that could not be read, or was not there: it may lie on a disk that was mounted since. Throws
   * what still keeps it from being read: what may be there is not to be passed over. */
  async readAgain(): Promise<void> {
    if (!this.isUnread && (this.#generation !== undefined || this.#document.holding !== null)) return;
    await this.load();
    const problem = this.#parts.problems.get('state');
    if (this.isUnread && problem !== undefined) throw problem;
  }

  /** The days of a first run count from an instant on once that is on disk. Asked for it when the folder is ours, by what
   * lies there then; undefined: they count as they do. */
  async countFirstRunFrom(start: () => number | undefined): Promise<void> {
    if (!(await this.#parts.mayWrite())) return;
    const [before, firstRunAt] = [this.#document, start()];
    if (firstRunAt === undefined) return;
    this.#document = { ...before, firstRunAt };
    if (await this.save()) this.#countFirstRun();
    else this.#document = before;
  }

  /** Takes over what a contact brought: stored first, then used. */
  async adopt(document: LicenseDocument, rights: Rights): Promise<void> {
    this.#document = document;
    this.#standing = { rights, missing: 'NOT_ACTIVATED' };
    this.#parts.problems.cured('state', 'trust', 'secrets', 'machine');
    await this.save();
  }

  /** An explicit no of the authority, or null once it is lifted. The same no again dates from when it was first heard. */
  async deny(given: LicenseDocument['denial']): Promise<void> {
    const { denial: before } = this.#document;
    const isSame = given !== null && before !== null && before.decision.code === given.decision.code;
    const denial = isSame ? { ...given, at: before.at } : given;
    this.#document = { ...this.#document, denial };
    const { denial: _former, ...standing } = this.#standing;
    this.#standing = denial === null ? standing : { ...standing, denial };
    await this.save();
  }

  /** Nobody goes online by himself before then, not even after a restart. */
  async keepQuiet(until: number): Promise<void> {
    this.#document = { ...this.#document, quietUntil: until };
    await this.save();
  }

  /** Takes an extension note (a file): the lease that is held runs as long as it says. Throws WRONG_ROOT, TOKEN_*. */
  async extend(note: string): Promise<void> {
    const { rights } = this.#standing;
    const claims = await this.#readNote(note, rights?.lease.iss);
    this.#document = { ...this.#document, extension: note };
    if (rights !== undefined) {
      const { holding } = this.#document;
      const entitlements = await this.trust.entitlements(holding?.entitlements ?? '', rights.lease);
      this.#standing = {
        ...this.#standing,
        rights: await rightsOf(rights.lease, entitlements, endOf(rights.lease, claims)),
      };
    }
    await this.save();
  }

  /** Takes a pinned root's word for the one after it (a file). Throws WRONG_ROOT, TOKEN_*. */
  async adoptSuccessor(token: string): Promise<void> {
    const { successors } = this.#document;
    await this.trust.adoptSuccessor(token);
    if (!successors.includes(token)) this.#document = { ...this.#document, successors: [...successors, token] };
    await this.save();
  }

  /** Takes a keyset (a file) for an installation that goes online seldom or never. Throws WRONG_ROOT, KEYSET_ROLLBACK. */
  async adoptKeyset(token: string): Promise<void> {
    await this.trust.adoptKeyset(token);
    this.#document = { ...this.#document, keyset: token };
    await this.save();
  }

  /** Gives everything back but the keyset, of which an older one must not come later. */
  async clear(): Promise<void> {
    const { keyset, successors, clock, holding, firstRunAt } = this.#document;
    this.#document = {
      ...EMPTY_DOCUMENT,
      keyset,
      successors,
      clock,
      firstRunAt,
      givenBack: holding?.keyDigest ?? null,
    };
    this.#standing = { missing: 'NOT_ACTIVATED' };
    await this.save();
  }

  /** Why nothing is held, where a request for it failed; an explicit no ends the grace of a first run for good. */
  async missing(code: string): Promise<void> {
    const { rights, firstRunUntil: until } = this.#standing;
    if (rights !== undefined) return;
    this.#standing =
      until === undefined || endsFirstRun(code) ? { missing: code } : { missing: code, firstRunUntil: until };
    if (until === undefined || !endsFirstRun(code)) return;
    this.#document = { ...this.#document, firstRunAt: FIRST_RUN_OVER };
    await this.save();
  }

  /** Writes the document whole: is it on disk now? A disk that does not take it is a problem, not a stop: memory goes on. */
  async save(): Promise<boolean> {
    const { store, settings, problems, mayWrite } = this.#parts;
    if (this.isUnread || !(await mayWrite())) return false;
    const { holding, keyset } = this.#document;
    this.#document = {
      ...this.#document,
      // The highest seen, also where the lease that came with it was refused: a revocation must not be forgotten.
      keyset: holding === null ? keyset : (this.trust.keyset?.token ?? keyset),
      told: this.#notices.entries,
      clock: this.#clock.mark ?? null,
    };
    const written = await store.write(DOCUMENT, this.#document);
    if (written.outcome === 'written') {
      this.#generation = written.generation;
      problems.cured('writing', 'folder');
    } else problems.note('writing', folderProblem(written, settings.stateDir, 'write'));
    return written.outcome === 'written';
  }

  async #believe(stateDamage: LeaseholdError | undefined): Promise<void> {
    const { problems } = this.#parts;
    const { keyset, successors, holding, denial } = this.#document;
    this.#standing = { missing: stateDamage?.code ?? 'NOT_ACTIVATED' };
    if (stateDamage === undefined) this.#countFirstRun();
    try {
      // A word that is not believed (any more) names nobody.
      for (const token of successors) await this.trust.adoptSuccessor(token).catch(() => undefined);
      if (keyset !== null) await this.trust.adoptKeyset(keyset);
      if (holding === null) return;
      const rights = await this.#verify(holding);
      this.#clock.raise(rights.lease.iat * 1000);
      this.#standing = { rights, missing: 'NOT_ACTIVATED', ...(denial === null ? {} : { denial }) };
      this.#compareMachine(rights);
      problems.cured('trust');
    } catch (cause) {
      const error = asLeaseholdError(cause);
      problems.note('trust', error);
      this.#standing = { missing: error.code };
    }
  }

  #countFirstRun(): void {
    const until = firstRunUntil(this.#document, this.#parts.settings.firstRunDays);
    if (until !== undefined) this.#standing = { ...this.#standing, firstRunUntil: until };
  }

  async #verify(holding: Holding): Promise<Rights> {
    const key = await this.#parts.identity.find();
    if (key === undefined) {
      throw new LeaseholdError('STATE_DAMAGED', 'There is a lease here, but the device key it is bound to is gone.', {
        remedy: 'Activate again with the license key: the same machine gets its own seat back. Restores stay open.',
      });
    }
    const lease = await this.trust.lease(holding.lease, key.publicKey.kid, holding.relay);
    const entitlements = await this.trust.entitlements(holding.entitlements, lease);
    const { extension } = this.#document;
    // A note that is not believed (any more) prolongs nothing, and takes nothing away.
    const note = extension === null ? undefined : await this.#readNote(extension, lease.iss).catch(() => undefined);
    return rightsOf(lease, entitlements, endOf(lease, note));
  }

  #readNote(note: string, account: string | undefined): Promise<ExtensionClaims> {
    const { product } = this.#parts.settings;
    return readExtensionNote(note, { roots: this.trust.roots, product, account });
  }

  #compareMachine({ lease, facts }: Rights): void {
    const { machine, problems } = this.#parts;
    if (!isAnotherMachine(lease, machine, facts.policy?.fingerprintThreshold)) {
      this.#document = { ...this.#document, machineChangedAt: null };
      return;
    }
    const machineChangedAt = this.#document.machineChangedAt ?? this.#clock.read().now;
    this.#document = { ...this.#document, machineChangedAt };
    this.#standing = { ...this.#standing, machineChangedAt };
    problems.note(
      'machine',
      new LeaseholdError('MACHINE_CHANGED', 'This is not the hardware that the lease was made for.', {
        remedy: 'Check in once: the authority knows whether it was moved. Backups go on for the shortage grace.',
      }),
    );
  }
}
