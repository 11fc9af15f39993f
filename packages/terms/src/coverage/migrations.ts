import type { RowOf } from '../catalog.js';
import type { Need } from '../decision.js';
import type { Judges } from '../kinds.js';
import type { License, Machine, Term } from '../model.js';
import { allow, need, needs, refuse, warn, type Finding, type Question } from '../question.js';
import { coverOf, isCovered } from './cover.js';
import { best, ownEdition } from './licenses.js';
import { ownNeed } from './machines.js';
import { dispositionOf, machineOf } from './requests.js';

/** Migrations and copies. Source cover first, then the target; all shortages in one answer, source before target. */
export interface MigrationParams {
  /** A source that nothing could cover; answers with the rule of its cover. */
  'migration.source-impossible': object;
  /** Ends of a migration that moves no license. Answers when the source is as `source` says, and, where `target` is
   * given, when the target is too. `targetTerm` is what the target host needs: perpetual for new virtual machines, else any. */
  'migration.ends': {
    readonly migrations: readonly string[];
    readonly source?: 'covered' | 'uncovered';
    readonly target?: 'covered' | 'uncovered';
    readonly targetTerm?: Term;
    /** Is any term enough where the host has a license already? The policy `subscriptionTargetHost` says so. */
    readonly anyTermByPolicy?: boolean;
    readonly disposedOnly?: boolean;
    /** Name the rule of the source's cover instead (rules 1.8, C2V). */
    readonly nameCover?: boolean;
  };
  /** P2P: the license moves once the source is disposed of (AIP-2.1). */
  'migration.move': { readonly code: string; readonly obligations: readonly string[] };
  /** P2P with the source running on (AIP-2.2); any free license of the edition serves, `parallelDays` may bridge it. */
  'migration.parallel': { readonly term: Term; readonly obligation: string; readonly warning: string };
  /** A copied system disk used in another machine (AIP-1.2). */
  'migration.disk-copy': object;
  /** A duplicate that stands by (AIP-1.1). */
  'standby.duplicate': object;
}

function kindOf(question: Question): string {
  return question.text('kind');
}

/** What the target lacks: a host its license, a machine its cover. */
function targetNeeds(question: Question, term: Term | 'any', anyTermServes: boolean): readonly Need[] {
  if (question.request['targetHost'] === undefined) {
    return coverOf(question, machineOf(question, 'targetMachine')).needs ?? [];
  }
  const host = question.text('targetHost');
  const edition = question.catalog.editions?.host ?? 'any';
  const held = question.ledger.bound('host', host);
  const serving = term === 'any' || anyTermServes ? held : held.filter((license) => license.term === term);
  return best(question, serving, edition) === undefined ? [need(edition, `host:${host}`, term)] : [];
}

/** One license for one thing: where both ends are the same host, the stricter term serves both. */
function join(source: readonly Need[], target: readonly Need[]): readonly Need[] {
  return [...source.filter((one) => !target.some((other) => other.bindTo === one.bindTo)), ...target];
}

export const migrationKinds: Judges<MigrationParams> = {
  'migration.source-impossible': (question) => {
    const cover = coverOf(question, machineOf(question, 'source'));
    return cover.decision === 'refuse' ? cover : undefined;
  },
  'migration.ends': (question, row) => {
    if (!row.migrations.includes(kindOf(question))) return undefined;
    if (row.disposedOnly === true && dispositionOf(question) !== 'disposed') return undefined;
    return judgeEnds(question, row);
  },
  'migration.move': (question, row) => {
    if (kindOf(question) !== 'P2P') return undefined;
    const cover = coverOf(question, machineOf(question, 'source'));
    if (cover.decision !== 'allow') return cover;
    const fate = dispositionOf(question);
    if (fate === 'parallel') return undefined;
    return fate === 'disposed' ? allow(row, { obligations: row.obligations }) : refuse(row, row.code);
  },
  'migration.parallel': (question, row) => {
    if (kindOf(question) !== 'P2P') return undefined;
    const source = machineOf(question, 'source');
    if (isCovered(question, machineOf(question, 'targetMachine'))) return allow(row);
    if (hasFreeLicense(question, source)) return allow(row, { obligations: [row.obligation] });
    const missing = [{ ...ownNeed(question, source), term: row.term }];
    const { parallelDays } = question.policy;
    if (parallelDays === 0) return needs(row, missing);
    return warn(row, [row.warning], { needs: missing, value: { daysLeft: parallelDays } });
  },
  'migration.disk-copy': (question, row) => {
    const source = coverOf(question, machineOf(question, 'source'));
    if (source.decision !== 'allow') return source;
    const target = coverOf(question, machineOf(question, 'target'));
    return target.decision === 'allow' ? allow(row) : named(row, target);
  },
  'standby.duplicate': (question, row) => {
    const both = [...new Set([machineOf(question, 'active'), machineOf(question, 'standby')])];
    const covers = both.map((machine) => coverOf(question, machine));
    const refused = covers.find((cover) => cover.decision === 'refuse');
    if (refused !== undefined) return refused;
    const missing = covers.flatMap((cover) => cover.needs ?? []);
    return missing.length > 0 ? needs(row, missing) : allow(row);
  },
};

function judgeEnds(question: Question, row: RowOf<MigrationParams, 'migration.ends'>): Finding | undefined {
  const cover = coverOf(question, machineOf(question, 'source'));
  const targetRefusal = refusedTarget(question);
  const anyTerm = row.anyTermByPolicy === true && question.policy.subscriptionTargetHost !== 'strict';
  const missing = targetNeeds(question, row.targetTerm ?? 'any', anyTerm);
  if (!holds(row.source, cover.decision === 'allow') || !holds(row.target, missing.length === 0)) return undefined;
  if (targetRefusal !== undefined) return targetRefusal;
  const all = join(cover.needs ?? [], missing);
  if (all.length > 0) return needs(row.nameCover === true ? cover.reason_rule : row, all);
  return allow(row, { doubts: cover.doubts ?? {} });
}

function holds(wanted: 'covered' | 'uncovered' | undefined, covered: boolean): boolean {
  return wanted === undefined || (wanted === 'covered') === covered;
}

function refusedTarget(question: Question): Finding | undefined {
  if (question.request['targetMachine'] === undefined) return undefined;
  const cover = coverOf(question, machineOf(question, 'targetMachine'));
  return cover.decision === 'refuse' ? cover : undefined;
}

/** The shortage of a cover, under another rule's name; a refusal keeps its own. */
function named(row: { readonly id: string }, cover: Finding): Finding {
  return cover.decision === 'needs' ? needs(row, cover.needs ?? []) : cover;
}

/** Is there a license in stock, bound to nothing, that fits this machine? */
function hasFreeLicense(question: Question, machine: Machine): boolean {
  const edition = ownEdition(question, machine.kind, machine.os);
  if (edition === undefined) return false;
  const free = [...question.ledger.holders.free()] as readonly License[];
  return best(question, free, edition) !== undefined;
}
