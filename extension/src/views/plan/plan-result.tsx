import { citations, sources, type Step } from '@leasehold/terms';
import { CopyButton } from '../../components/copyable.js';
import { Icon } from '../../components/icon.js';
import { reasonOf } from '../../components/reason.js';
import { StatusChip } from '../../components/status-chip.js';
import type { Planned } from '../../model/plan.js';
import { listed, number, tight } from '../../texts/format.js';
import { typeName } from '../../texts/names.js';
import { pl } from '../../texts/plan.js';
import { BuyLink } from './buy-link.js';
import { CoverChart } from './cover-chart.js';
import { actLines, knownSteps, lineOf, type Line, type NameOf } from './step-words.js';

type Buy = Extract<Step, { do: 'buy' }>;
const isBuy = (step: Step): step is Buy => step.do === 'buy';

/** An order names type and quantity; the term comes with the price. */
const quantityOf = (buys: readonly Purchase[], type: string): number =>
  buys.reduce((sum, { edition, count }) => sum + (edition === type ? count : 0), 0);

type Purchase = Pick<Buy, 'edition' | 'term' | 'count'>;

/** What is bought of each kind, in the order of the steps. */
function purchasesOf(steps: readonly Step[]): readonly Purchase[] {
  const sums = new Map<string, Purchase>();
  for (const { edition, term, count } of steps.filter(isBuy)) {
    const key = `${edition} ${term}`;
    sums.set(key, { edition, term, count: count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}

/** The answer in one line, then who is covered during which step, then the steps. Only what is bought is colored. */
export function PlanResult({ planned, nameOf }: { planned: Planned; nameOf: NameOf }) {
  const { plan, act } = planned;
  const known = knownSteps(plan.steps);
  const words = pl.value;
  const buys = purchasesOf(known);
  const steps = known.map((step) => lineOf(step, nameOf));
  const lines = plan.possible ? [...steps, ...actLines(act, plan.after.reason_rule, nameOf)] : [];
  return (
    <div class="plan-result">
      <Answer planned={planned} buys={buys} />
      {plan.possible && plan.cover.length > 0 && plan.steps.length > 0 && (
        <CoverChart cover={plan.cover} steps={plan.steps.length} nameOf={nameOf} />
      )}
      {lines.length > 0 && (
        <section>
          <div class="section-head">
            <h2>{words.planTitle}</h2>
            <p class="quiet">{words.planSub(lines.length)}</p>
            <p class="quiet end wide-only">
              {plan.licenses > 0 && <span class="attention strong">{words.toBuy(plan.licenses)} · </span>}
              {words.sums(plan.licenses, countOf(known, 'assign'), countOf(known, 'move'))}
            </p>
          </div>
          <ol class="plan-steps">
            {lines.map((line, n) => (
              <StepLine key={`${n} ${line.rest}`} line={line} n={n + 1} />
            ))}
          </ol>
          <div class="actions plan-foot">
            {[...new Set(buys.map(({ edition }) => edition))].map((type, n) => (
              <BuyLink key={type} type={type} quantity={quantityOf(buys, type)} isFirst={n === 0} />
            ))}
            <CopyButton text={asText(lines)} label={words.copy} />
            <p class="quiet end">{words.rules}</p>
          </div>
        </section>
      )}
    </div>
  );
}

const countOf = (steps: readonly Step[], deed: Step['do']): number => steps.filter((step) => step.do === deed).length;

function Answer({ planned: { plan }, buys }: { planned: Planned; buys: readonly Purchase[] }) {
  const words = pl.value;
  const { sentence, cure, rule } = reasonOf(plan.before);
  const what = buys.map(
    ({ count, edition, term }) => `${number(count)} ${typeName(edition)}${words.terms[term] ?? ''}`,
  );
  if (!plan.possible) {
    return (
      <div class="plan-answer" role="status">
        <StatusChip tone="stop" word={words.impossible} />
        <p class="answer">{sentence}</p>
        <p class="soft">
          {cure} <Rule id={rule} />
        </p>
      </div>
    );
  }
  const isReady = plan.steps.length === 0;
  const answer = isReady
    ? words.answerReady
    : plan.licenses > 0
      ? tight(words.answerBuy(listed(what)))
      : words.answerSteps(plan.steps.length);
  return (
    <div class="plan-answer" role="status">
      <StatusChip
        tone={plan.licenses > 0 ? 'attention' : 'ok'}
        word={plan.licenses > 0 ? words.needs(plan.licenses) : words.ready}
      />
      <p class="answer">{answer}</p>
      <p class="soft">
        {plan.before.decision === 'allow' || plan.before.decision === 'warn' ? reasonOf(plan.after).sentence : sentence}{' '}
        <Rule id={rule} />
      </p>
    </div>
  );
}

function StepLine({ line, n }: { line: Line; n: number }) {
  const { icon, act, rest, takes, isPurchase, rule, why } = line;
  return (
    <li class={isPurchase ? 'purchase' : ''}>
      <span class="step-icon">
        <Icon name={icon} />
      </span>
      <span class="quiet step-number">{n}</span>
      <p class="step-words">
        <span class="strong">{act}</span>
        {rest.startsWith('：') ? rest : ` ${rest}`}
        {why !== undefined && <span class="soft step-why">{why}</span>}
      </p>
      <p class="right step-takes">
        <span class={takes === '' ? 'quiet' : 'strong'}>{takes === '' ? pl.value.noLicense : takes}</span>
        <Rule id={rule} />
      </p>
    </li>
  );
}

/** A rule by its id; where it stands is said to the pointer and to screen readers. */
function Rule({ id }: { id: string }) {
  const citation = citations.get(id);
  const where =
    citation === undefined
      ? undefined
      : pl.value.cite(sources[citation.source] ?? citation.source, citation.section, citation.lines ?? '');
  return (
    <span class="quiet rule" title={where}>
      {id}
      {where !== undefined && <span class="sr-only">{where}</span>}
    </span>
  );
}

const asText = (lines: readonly Line[]): string =>
  lines
    .map(
      ({ act, rest, rule, takes }, n) =>
        `${n + 1}. ${rest.startsWith('：') ? act + rest : `${act} ${rest}`} [${[takes, rule].filter(Boolean).join('; ')}]`,
    )
    .join('\n');
