import type { Overview } from '../model/rows.js';
import { t } from '../texts/core.js';

type Machines = Overview['machines'];

/** The same sentence first, on every page that speaks of the whole: how many machines can back up, what is stopped, and
 * that restores are open. */
export function Headline({ machines, short = false }: { machines: Machines; short?: boolean }) {
  const words = t.value.headline;
  const { total, stopped, grace } = machines;
  const sentence = short ? words.canBackUpShort : words.canBackUp;
  return (
    <div class="headline">
      <p class="answer">{total === 0 ? words.none : sentence(total - stopped, total)}</p>
      <p class="soft">{total === 0 ? words.noneSub : words.sub(stopped, grace, total)}</p>
    </div>
  );
}

export function StateBar({ machines }: { machines: Machines }) {
  const { total, grace, stopped } = machines;
  const parts = [
    { tone: 'valid', n: total - grace - stopped },
    { tone: 'grace', n: grace },
    { tone: 'stopped', n: stopped },
  ];
  const shown = parts.filter(({ n }) => n > 0);
  return (
    <div class="state-bar" role="img" aria-label={t.value.headline.sub(stopped, grace, total)}>
      {shown.length === 0 && <i style={{ flex: '1' }} />}
      {shown.map(({ tone, n }) => (
        <i key={tone} class={tone} style={{ flex: `${n} 0 0` }} />
      ))}
    </div>
  );
}
