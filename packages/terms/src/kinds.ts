import type { RowOf } from './catalog.js';
import type { Machine } from './model.js';
import type { Finding, Question } from './question.js';
import { coverKinds, type CoverageCoverParams } from './coverage/cover-kinds.js';
import { coverageKinds, type CoverageParams } from './coverage/kinds.js';
import { defaultKinds, defaultTempers, type DefaultParams, type DefaultTemperParams } from './defaults/kinds.js';
import { instanceKinds, type InstanceParams } from './instances/kinds.js';
import { poolKinds, type PoolParams } from './pools/kinds.js';

/** The closed set of rule kinds, each with the parameters that a row of that kind holds. The tests behind them are code. */
export interface RuleParams extends CoverageParams, InstanceParams, PoolParams, DefaultParams {}
export interface CoverParams extends CoverageCoverParams {}
export interface TemperParams extends DefaultTemperParams {}

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

export const ruleKinds: Judges<RuleParams> = { ...coverageKinds, ...instanceKinds, ...poolKinds, ...defaultKinds };
export const coverRuleKinds: CoverJudges<CoverParams> = coverKinds;
export const temperKinds: Tempers<TemperParams> = defaultTempers;
