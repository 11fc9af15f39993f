import { own, type Catalog } from '../catalog.js';
import { isAllowed, type Decision, type Need } from '../decision.js';
import type { Facts, Iso } from '../model.js';
import { causesOf } from './causes.js';
import { citations, sources } from './citations.js';
import { curedBy, type Role } from './roles.js';
import { reasonsOf, type Reason, type Texts } from './texts.js';

/** Where a rule stands: the document, its section, the lines. */
export interface CitedRule {
  readonly title: string;
  readonly section: string;
  readonly lines?: string;
}

/** One thing that is missing, in words as well. */
export interface Missing extends Need {
  readonly text: string;
}

/** A decision as an admin at 02:00 must understand it (D-11). */
export interface Explanation {
  readonly language: string;
  readonly sentence: string;
  readonly rule: string;
  /** Absent where nobody cites the rule. */
  readonly citation?: CitedRule;
  readonly missing: readonly Missing[];
  /** What to do about it; empty where nothing has to be done. */
  readonly cure: string;
  /** What has to be done beside it: declarations, disposals. */
  readonly obligations: readonly string[];
  readonly who: readonly Role[];
  /** Refused until then, where time alone ends it. */
  readonly until?: Iso;
  /** Allowed until then, as things stand. */
  readonly runsUntil?: Iso;
}

/** What is known beside the decision. */
export interface Background {
  /** Names for ids. */
  readonly facts?: Facts;
  /** A vendor's own, for its texts and citations. */
  readonly catalog?: Catalog;
}

/** A decision in the words of a language: sentence, rule and where it stands, what is missing, who can cure it, how long
 * things run. A vendor's catalog brings words of its own in `messages`. */
export function explain(decision: Decision, texts: Texts, known: Background = {}): Explanation {
  const missing = (decision.needs ?? []).map((need) => ({ ...need, text: wordsOf(need, texts, known.facts) }));
  const reasons = causesOf(decision).map((cause) => reasonFor(cause, decision, texts, known.catalog));
  const fill = filler(decision, texts, missing);
  const citation = cite(decision.reason_rule, known.catalog);
  return {
    language: texts.language,
    sentence: reasons.map(([sentence]) => fill(sentence)).join(texts.between),
    rule: decision.reason_rule,
    ...(citation && { citation }),
    missing,
    cure: [...new Set(reasons.map(([, remedy]) => fill(remedy)))].join(texts.between).trim(),
    obligations: (decision.obligations ?? []).map((duty) => own(texts.obligations, duty) ?? duty),
    who: [...new Set(causesOf(decision).flatMap(curedBy))],
    ...(decision.until !== undefined && { [isAllowed(decision) ? 'runsUntil' : 'until']: decision.until }),
  };
}

/** The row of the cause; of a warning that stands with another rule (rules 1.8) the row of the warning; else plain words. */
function reasonFor(cause: string, decision: Decision, texts: Texts, catalog?: Catalog): Reason {
  const rows = reasonsOf(texts);
  const known = own(catalog?.messages?.[texts.language], cause) ?? rows.get(cause);
  if (known !== undefined) return known;
  const [, verdict, code] = cause.split(' ');
  const same = code === undefined ? undefined : [...rows].find(([key]) => key.endsWith(` ${verdict} ${code}`));
  return same?.[1] ?? texts.verdicts[decision.decision];
}

/** As the catalog says, else as the built-in table does. */
function cite(rule: string, catalog?: Catalog): CitedRule | undefined {
  const citation = own(catalog?.citations, rule) ?? citations.get(rule);
  if (citation === undefined) return undefined;
  const { source, section, lines } = citation;
  const title = own(catalog?.sources, source) ?? own(sources, source) ?? source;
  return { title, section, ...(lines !== undefined && { lines }) };
}

function filler(decision: Decision, texts: Texts, missing: readonly Missing[]): (text: string) => string {
  const value = decision.value ?? {};
  const number = (name: string): number | undefined => (typeof value[name] === 'number' ? value[name] : undefined);
  const days = number('daysLeft');
  const silent = number('silentDays');
  const words: Readonly<Record<string, string | undefined>> = {
    missing: texts.and(missing.map((one) => one.text)),
    days: days === undefined ? undefined : texts.days(days),
    inDays: days === undefined ? undefined : texts.inDays(days),
    silentDays: silent === undefined ? undefined : texts.days(silent),
    max: number('max')?.toString(),
    until: decision.until?.replace('T', ' ').replace(/:\d\d(\.\d+)?Z$/, ' UTC'),
  };
  return (text) => text.replace(/\{(\w+)\}/g, (_place, name: string) => words[name] ?? '…');
}

function wordsOf(need: Need, texts: Texts, facts?: Facts): string {
  const editions = need.edition === 'any' ? [] : need.edition.split('|').map((edition) => named(texts, edition));
  const term = need.term === 'any' ? 'any' : named(texts, need.term);
  return texts.need({
    edition: texts.or(editions),
    term,
    count: need.count,
    bindTo: boundTo(need.bindTo, texts, facts),
  });
}

function boundTo(binding: string, texts: Texts, facts?: Facts): string {
  const [type = '', ...rest] = binding.split(':');
  const id = rest.join(':');
  const name = type === 'company' ? facts?.companies?.find((company) => company.id === id)?.name : undefined;
  return (own(texts.bound, binding) ?? own(texts.bound, type) ?? binding).replace('{id}', () => name ?? id);
}

function named(texts: Texts, name: string): string {
  return own(texts.names, name) ?? name;
}
