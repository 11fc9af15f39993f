import type { Catalog, RowOf } from './catalog.js';
import type { Machine } from './model.js';
import type { Finding, Question } from './question.js';
import type { CoverageCoverParams } from './coverage/cover-kinds.js';
import type { FieldParams } from './coverage/field.js';
import type { CoverageParams } from './coverage/kinds.js';
import type { GradeParams } from './defaults/grades.js';
import type { DefaultParams } from './defaults/kinds.js';
import type { ShortageParams } from './defaults/shortage.js';
import type { InstanceParams } from './instances/kinds.js';
import type { PoolParams } from './pools/kinds.js';

/** The closed set of rule kinds, each with the parameters that a row of that kind holds. The tests behind them are code. */
export interface RuleParams extends CoverageParams, InstanceParams, PoolParams, DefaultParams {}
export interface CoverParams extends CoverageCoverParams {}
export interface TemperParams extends FieldParams, GradeParams, ShortageParams {}

/** Answers a question, or leaves it to the next row. */
export type Judge<Params, Kind extends keyof Params> = (
  question: Question,
  row: RowOf<Params, Kind>,
) => Finding | undefined;
/** Says whether a machine is covered, or leaves it to the next row. */
export type CoverJudge<Params, Kind extends keyof Params> = (
  question: Question,
  row: RowOf<Params, Kind>,
  machine: Machine,
) => Finding | undefined;
/** Softens what was found, or leaves it. */
export type Temper<Params, Kind extends keyof Params> = (
  question: Question,
  row: RowOf<Params, Kind>,
  finding: Finding,
) => Finding | undefined;

export type Judges<Params> = { readonly [Kind in keyof Params]: Judge<Params, Kind> };
export type CoverJudges<Params> = { readonly [Kind in keyof Params]: CoverJudge<Params, Kind> };
export type Tempers<Params> = { readonly [Kind in keyof Params]: Temper<Params, Kind> };

/** The tests behind the kinds that the rows of one profile may use. */
export interface Kinds {
  readonly rules: Partial<Judges<RuleParams>>;
  readonly cover: Partial<CoverJudges<CoverParams>>;
  readonly tempers: Partial<Tempers<TemperParams>>;
}

/** Every member of a union of tables. */
type All<Table> = (Table extends unknown ? (table: Table) => void : never) extends (table: infer Every) => void
  ? Every
  : never;

/** One table out of several. Without a prototype: no row names a member of Object by its kind, and V8 takes the names of a
 * large table into a dictionary instead of making a hidden class for each, which a start would wait for. */
export function joined<Tables extends readonly object[]>(...tables: Tables): All<Tables[number]> {
  return Object.assign(Object.create(null), ...tables);
}

/** A catalog with what judges its rows: all that a decision needs beside facts and a request. */
export interface Rulebook {
  readonly catalog: Catalog;
  readonly kinds: Kinds;
}
