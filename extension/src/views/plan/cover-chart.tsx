import type { CoverLine } from '../../model/plan.js';
import { pl } from '../../texts/plan.js';
import type { NameOf } from './step-words.js';

const WIDTH = 440;
const ROW = 26;

interface ChartProps {
  readonly cover: readonly CoverLine[];
  readonly steps: number;
  readonly nameOf: NameOf;
}

/** One line for each thing that the plan touches: thick while it is covered. The step at which cover begins has a mark. */
export function CoverChart({ cover, steps, nameOf }: ChartProps) {
  const words = pl.value;
  const whole = steps + 1;
  const shown = cover.slice(0, 8);
  return (
    <section>
      <div class="section-head">
        <h2>{words.coverTitle}</h2>
        <p class="quiet">{words.coverSub}</p>
      </div>
      <div class="box cover-chart">
        <p class="quiet cover-head">{words.step}</p>
        <p class="quiet cover-numbers" aria-hidden="true">
          {Array.from({ length: whole }, (_, n) => (
            <span key={n}>{n === 0 ? words.now : n}</span>
          ))}
        </p>
        {shown.map(({ id, covered }) => (
          <CoverRow key={id} name={nameOf(id)} covered={covered} whole={whole} />
        ))}
      </div>
    </section>
  );
}

function CoverRow({ name, covered, whole }: { name: string; covered: readonly boolean[]; whole: number }) {
  const words = pl.value;
  const says = covered.map((is, n) => `${n === 0 ? words.now : n} ${is ? words.isCovered : words.isOpen}`).join(', ');
  const label = words.coverSays(name, says);
  const x = (n: number) => (n / whole) * WIDTH;
  const begins = covered.findIndex((is, n) => is && n > 0 && !covered[n - 1]);
  return (
    <>
      <p class="strong cut">{name}</p>
      <svg viewBox={`0 0 ${WIDTH} ${ROW}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <title>{label}</title>
        <path d={`M0 ${ROW / 2}H${WIDTH}`} stroke="var(--line-2)" stroke-width="1.5" />
        {covered.map(
          (is, n) =>
            is && (
              <path
                key={n}
                d={`M${x(n)} ${ROW / 2}H${x(n + 1)}`}
                stroke="var(--bar-used)"
                stroke-width="7"
                shape-rendering="crispEdges"
              />
            ),
        )}
        {begins > 0 && <path d={`M${x(begins)} 6V${ROW - 6}`} stroke="var(--attention)" stroke-width="2" />}
      </svg>
    </>
  );
}
