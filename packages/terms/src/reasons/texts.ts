import type { Verdict } from '../decision.js';

/** One missing license in the words of a language. */
export interface NamedNeed {
  /** Empty where any edition serves. */
  readonly edition: string;
  /** `any` where any term serves. */
  readonly term: string;
  readonly count: number;
  readonly bindTo: string;
}

/** One language of the product. A language is a file of its own, so that a bundle carries only those it asks for. */
export interface Texts {
  /** BCP 47. */
  readonly language: string;
  /** A row a cause: `<rule> <verdict> [code] | sentence | remedy`; a row of a rule alone describes a rule that is never
   * named by a decision. `{missing}`, `{days}`, `{inDays}`, `{until}`, `{max}`, `{silentDays}` are filled in. */
  readonly sentences: string;
  /** For causes without a row: rules of a vendor's own catalog that brings no texts. */
  readonly verdicts: Readonly<Record<Verdict, readonly [sentence: string, remedy: string]>>;
  readonly obligations: Readonly<Record<string, string>>;
  /** Editions and terms; one without a name is shown as it is. */
  readonly names: Readonly<Record<string, string>>;
  readonly need: (need: NamedNeed) => string;
  readonly or: (names: readonly string[]) => string;
  readonly and: (items: readonly string[]) => string;
  /** Between two sentences. */
  readonly between: string;
  /** What a license is bound to, by type or by the whole binding. */
  readonly bound: Readonly<Record<string, string>>;
  readonly days: (count: number) => string;
  /** When something ends: 0 is today. */
  readonly inDays: (count: number) => string;
}

/** Sentence and remedy of a cause. */
export type Reason = readonly [sentence: string, remedy: string];

const tables = new WeakMap<Texts, ReadonlyMap<string, Reason>>();

/** The rows of a language by cause; read once. */
export function reasonsOf(texts: Texts): ReadonlyMap<string, Reason> {
  let table = tables.get(texts);
  if (table === undefined) tables.set(texts, (table = new Map(texts.sentences.trim().split('\n').map(readRow))));
  return table;
}

function readRow(line: string): readonly [cause: string, reason: Reason] {
  const [cause = '', sentence = '', remedy = ''] = line.split(' | ');
  return [cause, [sentence, remedy]];
}
