import type { Plan, Request } from '@leasehold/terms';
import type { RequestPurpose } from './lease/air-gap.js';
import type { Answer } from './decision/answer.js';
import type { MediaUse, MediumFound } from './media/boot-media.js';
import type { Diagnostics } from './diagnostics.js';
import type { InventoryOptions, InventoryTold } from './machine/inventory-desk.js';
import type { SpokenCodes } from './media/media-codes.js';
import type { StampRequest } from './media/media-desk.js';
import type { Installed } from './machine/install.js';
import type { StatusProblem } from './problem-log.js';
import type { Status } from './status.js';
import type { TechnicianOutcome, TechnicianRequest } from './media/technician.js';
import type { TechnicianSession } from './media/technician-session.js';
import type { VoucherOutcome, VoucherUse } from './media/voucher.js';
import type { VoucherSession } from './media/voucher-session.js';
import type { UsageHealth, UsageRecord } from './usage/usage-outbox.js';

/** For a caller who does not wait to the end. */
export interface Waiting {
  readonly signal?: AbortSignal;
}

/** How an attempt ended: with the status after it, and with what stood in its way. */
export interface CheckOutcome {
  readonly ok: boolean;
  readonly status: Status;
  readonly problem?: StatusProblem;
}

/** How giving back the seat ended. */
export type DeactivateOutcome =
  | {
      readonly ok: true;
      /** Null: free now; else from when on it can be used again, RFC 3339. */ readonly reusableFrom: string | null;
    }
  | { readonly ok: false; readonly problem: StatusProblem };

/** What generalizing may leave behind or lose. */
export interface GeneralizeWishes extends Waiting {
  /** The seat stays with this machine, which gets it again when it is started itself; without, it is given back. */
  readonly keepSeat?: boolean;
  /** Reports that the authority has not counted may be lost. */
  readonly discardUsage?: boolean;
}

/** What was done to make this installation ready to be copied; the handle is closed then. */
export type GeneralizeOutcome =
  | {
      readonly ok: true;
      readonly seat: 'given_back' | 'kept' | 'none';
      /** Usage reports that were lost. */
      readonly usageDiscarded: number;
      /** Files of the state folder: ours, which are gone, and others, which are not. */
      readonly removed: readonly string[];
      readonly left: readonly string[];
    }
  | { readonly ok: false; readonly problem: StatusProblem };

/** What a restore job says of the machine that it makes. */
export interface LineageRequest {
  /** The instance whose image is restored (its `status().instance`, kept with the backup). */
  readonly source: string;
  /** Which recovery point, and what the restored machine is called: for whoever reads the journal. */
  readonly recoveryPoint: string;
  readonly target: string;
  /** `transfer` (usual): it takes the place of its source; `standby`: it stands by for it. */
  readonly as?: 'transfer' | 'standby';
}

/** A lineage note, or why there is none. */
export type LineageOutcome =
  | { readonly ok: true; readonly note: string }
  | { readonly ok: false; readonly problem: StatusProblem };

/** A request file for a machine without a network, or why there is none. */
export type RequestOutcome =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly problem: StatusProblem };

/** How taking over a file ended. */
export type InstallOutcome =
  | { readonly ok: true; readonly installed: Installed; readonly status: Status }
  | { readonly ok: false; readonly status: Status; readonly problem: StatusProblem };

export interface LicenseEvents extends Record<string, unknown> {
  /** What answers rest on has changed: a lease arrived, a denial, a contact failed. */
  readonly change: Status;
  /** Something an admin should see, once for each. */
  readonly warning: StatusProblem;
}

/** An answer with what was found out about the medium. */
export interface MediaAnswer extends Answer {
  readonly medium: MediumFound;
}

/** The files of a boot medium, or what kept it from being stamped. */
export type MediaStamped =
  | { readonly ok: true; readonly passport: string; readonly keyset: string }
  | { readonly ok: false; readonly problem: StatusProblem };

/** The files of a voucher, the medium that it is for and until when; or what kept it from being fetched. */
export type VoucherFetched =
  | {
      readonly ok: true;
      readonly voucher: string;
      readonly keyset: string;
      readonly media: string;
      readonly until: string;
    }
  | { readonly ok: false; readonly problem: StatusProblem };

/** How telling of an inventory ended. `sent`: hosts that were told whole; `disputed`: hosts and groups of another company,
 * by the ids of the report, of which the authority took nothing over. */
export type InventoryOutcome =
  | { readonly ok: true; readonly sent: number; readonly disputed: readonly string[] }
  | { readonly ok: false; readonly problem: StatusProblem };

/** A held license. Whatever is wrong with disk, state, clock or network, each of these answers. */
export interface License {
  status(): Status;
  /** May this be done now? In memory alone: never throws, never waits, touches neither disk nor network. */
  authorize(request: Request): Answer;
  /** The same question to be asked often. */
  bind(request: Request): { authorize(): Answer };
  /** What would be needed for this: the same rules, nothing changed. It knows what this installation may know, so stock
   * that is free elsewhere is bought in its plan. Undefined where nothing is held or the question cannot be judged. */
  advise(request: Request): Plan | undefined;
  /** Asks the authority now (the admin's *Update*). Never rejects; `signal` ends the wait, not the contact. */
  check(waiting?: Waiting): Promise<CheckOutcome>;
  /** Takes over what a file from the vendor holds (its text): an extension note, a keyset, a root's
   * word for the one after it. Never rejects; what is held
   * stays as it was where the file is not good. Always open, also to a lapsed installation (D-7). */
  install(file: string): Promise<InstallOutcome>;
  /** Where no network leads to the authority: the text of a file to be handed in there. A renewal carries usage along.
   * Never rejects. */
  requestFile(purpose: RequestPurpose): Promise<RequestOutcome>;
  /** Takes over the answer to the request made last. Each is taken once; a changed or foreign one changes nothing. */
  responseFile(file: string): Promise<CheckOutcome>;
  /** Gives the seat back. Without an authority in reach nothing changes. */
  deactivate(waiting?: Waiting): Promise<DeactivateOutcome>;
  /** For the job that restores another machine: a note to be written into the state folder of the restored one, as
   * `lineage.note`. With it that one is no copy: it takes the place of its source, or stands by for it. Never rejects. */
  lineageNote(request: LineageRequest): Promise<LineageOutcome>;
  /** Makes this installation a golden image: what makes it this one machine is removed, and each copy enrolls as a machine
   * of its own. Never rejects; refused while a report would be lost or the seat cannot be given back. */
  generalize(wishes?: GeneralizeWishes): Promise<GeneralizeOutcome>;
  /** One line of text to be stored beside each backup: it opens boot-media recovery on any hardware (F-10). Undefined
   * where nothing is held. */
  recoveryProof(): Promise<string | undefined>;
  readonly usage: {
    /** Counts what was done. Never throws; on disk within moments, at the authority with the next check-in. */
    record(record: UsageRecord): void;
    health(): UsageHealth;
  };
  readonly technician: {
    start(request: TechnicianRequest): Promise<TechnicianOutcome>;
    /** Fetches a voucher by the code that was told for it, on any machine with a network; it is then put on the medium,
     * beside passport and keyset. */
    fetchVoucher(code: string, waiting?: Waiting): Promise<VoucherFetched>;
    /** The same right to start work without a network: for one medium, on one machine, for some hours. */
    startByVoucher(use: VoucherUse): Promise<VoucherOutcome>;
    end(session: TechnicianSession | VoucherSession, waiting?: Waiting): Promise<StatusProblem | undefined>;
  };
  readonly media: {
    /** May the boot medium be used on the machine that it was started on? */
    use(use: MediaUse): Promise<MediaAnswer>;
    /** What a technician reads out to whoever helps him: the code of this machine, and the challenge that a one-time code
     * answers. Undefined where the passport is not genuine, or no firmware part of this machine can be read. */
    codes(use: Pick<MediaUse, 'passport' | 'keyset'>): Promise<SpokenCodes | undefined>;
    /** Makes a boot medium of this licensed machine (AIP-9.1): its passport and keyset, to be written onto it. */
    stamp(request: StampRequest, waiting?: Waiting): Promise<MediaStamped>;
  };
  readonly inventory: {
    /** Tells of the hypervisor hosts that this machine reaches, all of them each time (once a day at least, F-3): made by
     * `inventoryReport` of @leasehold/inventory. Their guests can then be asked for with `mode: 'agentless'`; new ones at
     * once, also while the authority is not reached. Never rejects. */
    report(told: InventoryTold, options: InventoryOptions & Waiting): Promise<InventoryOutcome>;
  };
  /** For the vendor's support: no key, no secret, nothing raw. */
  diagnostics(): Diagnostics;
  /** Returns what ends the listening. */
  on<K extends 'change' | 'warning'>(event: K, listener: (value: LicenseEvents[K]) => void): () => void;
  /** Ends timers, sockets and what is under way; what was recorded is on disk afterwards. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
