import type { Judges } from '../kinds.js';
import type { BootMedium, Machine } from '../model.js';
import { allow, needs, refuse, warn, type Finding, type Question } from '../question.js';
import { coverOf, isCovered } from './cover.js';
import { hostIdOf, hostsTogether } from './guests.js';
import { begun, ownLicense } from './licenses.js';
import { dispositionOf, machineOf } from './requests.js';

/** Boot media: the stamp, the operating system, cover, and the ways in which a recovery stays open (rules 1.5, 1.8). */
export interface BootMediaParams {
  /** Stamp missing or forged (AIP-9.1, F-10): always refused. */
  'media.stamp': { readonly code: string };
  /** Doubts refuse what is no recovery: passport, then system, then clock (F-10). */
  'media.doubts': { readonly recoveries: readonly string[] };
  /** Which systems a medium of this base serves (AIP-9.2, AIP-9.3). */
  'media.os': { readonly base: 'linux' | 'winpe'; readonly systems: readonly string[]; readonly code: string };
  /** The machine is covered (AIP-9.1). */
  'media.covered': object;
  /** A recovery proof or a one-time code opens any hardware (F-10). */
  'media.proof': { readonly recoveries: readonly string[] };
  /** The image of a covered machine whose fate nobody declared (F-10). */
  'media.undeclared': { readonly purpose: string; readonly obligation: string };
  /** The image of a covered machine that is disposed of (AIP-9.1 with AIP-2.1). */
  'media.replacement': {
    readonly purpose: string;
    readonly also: string;
    readonly dispose: string;
    readonly move: string;
  };
  /** A machine that had a license, or the image of one that had (D-1). */
  'media.had-license': {
    readonly recoveries: readonly string[];
    readonly imagePurpose: string;
    readonly warning: string;
  };
  /** What is missing (AIP-9.1). */
  'media.needs': object;
}

function mediumOf(question: Question): BootMedium {
  return question.ledger.get('media', question.text('media'), 'media');
}

/** The purpose of a boot, or the operation of a technician's session. */
function purposeOf(question: Question): string {
  return String(question.request['purpose'] ?? question.request['operation']);
}

function imageOf(question: Question): Machine | undefined {
  return question.ledger.machine(question.request['imageOf'] as string | undefined);
}

/** The machine with its operating system; that of the image where the disk is blank (F-10). */
export function bootedMachine(question: Question): Machine {
  const machine = machineOf(question);
  const image = imageOf(question);
  return machine.os === 'unknown' && image !== undefined ? { ...machine, os: image.os } : machine;
}

/** What is doubtful about this boot, in the order in which it is named (F-10). */
export function mediaDoubts(question: Question): readonly string[] {
  return [
    ...(mediumOf(question).stamp === 'expired' ? ['MEDIA_EXPIRED'] : []),
    ...(bootedMachine(question).os === 'unknown' ? ['OS_UNKNOWN'] : []),
    ...(question.request['clock'] === 'untrusted' ? ['CLOCK_WRONG'] : []),
  ];
}

/** Did this machine ever have a license: ended, revoked, of another edition, or moved on? Recovery stays open for it (D-1). */
function hadLicense(question: Question, machine: Machine): boolean {
  if (machine.supersededBy !== undefined || machine.shortSince !== undefined) return true;
  const group = question.ledger.clusterOf(machine);
  const hostId = machine.kind === 'guest' ? hostIdOf(machine) : undefined;
  const bindings: (readonly [type: string, id: string])[] =
    hostId === undefined
      ? [['machine', machine.id]]
      : hostsTogether(question, hostId).map((id) => ['host', id] as const);
  if (group !== undefined) bindings.push(['cluster_group', group.id]);
  return bindings.some(([type, id]) => question.ledger.bound(type, id).some((license) => begun(question, license)));
}

export const bootMediaKinds: Judges<BootMediaParams> = {
  'media.stamp': (question, row) => {
    const { stamp } = mediumOf(question);
    return stamp === 'invalid' || stamp === 'missing' ? refuse(row, row.code) : undefined;
  },
  'media.doubts': (question, row) => {
    const [first] = mediaDoubts(question);
    return first === undefined || row.recoveries.includes(purposeOf(question)) ? undefined : refuse(row, first);
  },
  'media.os': (question, row) => {
    if (mediumOf(question).base !== row.base) return undefined;
    const { os } = bootedMachine(question);
    // A system not known yet is a doubt, not a misfit (F-10).
    return os === 'unknown' || row.systems.includes(os) ? undefined : refuse(row, row.code);
  },
  'media.covered': (question, row) => (isCovered(question, bootedMachine(question)) ? allow(row) : undefined),
  'media.proof': (question, row) => {
    const { recoveryProof, oneTimeCode } = question.request;
    if (recoveryProof !== 'valid' && oneTimeCode !== 'valid') return undefined;
    return row.recoveries.includes(purposeOf(question)) ? allow(row) : undefined;
  },
  'media.undeclared': (question, row) => {
    if (purposeOf(question) !== row.purpose || dispositionOf(question) !== 'undeclared') return undefined;
    const image = imageOf(question);
    if (image === undefined || !isCovered(question, image)) return undefined;
    return allow(row, { obligations: [row.obligation] });
  },
  'media.replacement': (question, row) => {
    if (purposeOf(question) !== row.purpose || dispositionOf(question) !== 'disposed') return undefined;
    const image = imageOf(question);
    if (image === undefined || !isCovered(question, image)) return undefined;
    // Only a license of the machine's own moves with it; that of a host stays where it is (AIP-3.3).
    const moves = ownLicense(question, image) !== undefined;
    return allow(row, { also: [row.also], obligations: moves ? [row.dispose, row.move] : [row.dispose] });
  },
  'media.had-license': (question, row) => {
    const purpose = purposeOf(question);
    if (!row.recoveries.includes(purpose)) return undefined;
    if (hadLicense(question, machineOf(question))) return warn(row, [row.warning]);
    if (purpose !== row.imagePurpose || dispositionOf(question) !== 'disposed') return undefined;
    const image = imageOf(question);
    return image !== undefined && hadLicense(question, image) ? warn(row, [row.warning]) : undefined;
  },
  'media.needs': (question, row): Finding => {
    const cover = coverOf(question, bootedMachine(question));
    return cover.decision === 'needs' ? needs(row, cover.needs ?? []) : cover;
  },
};
