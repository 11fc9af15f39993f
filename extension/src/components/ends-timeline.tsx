import { now } from '../model/clock.js';
import type { Overview } from '../model/rows.js';
import { hrefOf } from '../model/place.js';
import { endOf, month, shortDay } from '../texts/format.js';
import { p } from '../texts/pages.js';
import { typeName } from '../texts/names.js';
import { useWidth } from './use-width.js';

const DAY = 86_400_000;
const YEAR = 365 * DAY;
const STEP = 18;
const MOST_STEPS = 6;
const AXIS_GAP = 22;
/** Rough width of a letter; labels only have to keep clear of each other. */
const LETTER = 6.8;

type End = Overview['ends'][number];

/** The licenses in the order in which they end. */
export const endsHref = (type?: string): string =>
  hrefOf('licenses', undefined, { validity: 'valid', sort: 'validUntil', type });

/** More than a line of days can show. */
const MOST_DAYS = 100;

/** Of a large estate the ends of each month and type together, on the first of their days. */
function ofMonths(ends: readonly End[]): readonly End[] {
  if (ends.length <= MOST_DAYS) return ends;
  const months = new Map<string, End>();
  for (const end of ends) {
    const key = end.day.slice(0, 7) + end.type;
    const first = months.get(key);
    months.set(key, first === undefined ? end : { ...first, count: first.count + end.count });
  }
  return [...months.values()];
}
interface Mark {
  readonly end: End;
  readonly x: number;
  readonly level: number;
}

/** What a mark says: what ends, and when. */
type TextOf = (end: End) => readonly [what: string, when: string];

/** About so wide, px: a letter of Japanese is a square. */
const widthOf = (text: string): number => [...text].reduce((sum, each) => sum + (each > '\u2e80' ? 13 : LETTER), 0);

/** Labels go down as stairs from left to right, so that no leader line crosses a label. A label that would run into
 * its neighbor takes the next step; marks without room keep their bar and are told in the list. */
function arrange(ends: readonly End[], place: (ms: number) => number, width: number, textOf: TextOf): Mark[] {
  const marks: Mark[] = [];
  let level = 0;
  let freeFrom = -Infinity;
  for (const end of ends) {
    const x = place(endOf(end.day) - DAY);
    const right = x + 7 + widthOf(textOf(end).join(''));
    const step = x > freeFrom ? 0 : level + 1;
    const hasRoom = step < MOST_STEPS && right < width + 12;
    if (hasRoom) {
      level = step;
      freeFrom = Math.max(step === 0 ? right : freeFrom, right);
    }
    marks.push({ end, x, level: hasRoom ? step : -1 });
  }
  return marks;
}

/** When licenses end: bars on one line, the next 30 days in attention. On a narrow page the next five months. */
export function EndsTimeline({ ends }: { ends: readonly End[] }) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const at = now.value;
  const reach = width > 0 && width < 560 ? (5 / 12) * YEAR : YEAR;
  const isByMonth = ends.length > MOST_DAYS;
  const sorted = ofMonths(ends)
    .filter(({ day }) => endOf(day) > at && endOf(day) - at < reach)
    .toSorted((a, b) => a.day.localeCompare(b.day));
  const place = (ms: number) => 4 + ((ms - at) / reach) * (width - 8);
  const textOf: TextOf = ({ count, type, day }) => [
    p.value.overview.endsOf(count, typeName(type)),
    ` ${isByMonth ? month(day) : shortDay(day)}`,
  ];
  const marks = arrange(sorted, place, width, textOf);
  const steps = Math.max(1, ...marks.map(({ level }) => level + 1));
  const axis = steps * STEP + AXIS_GAP;
  const most = Math.max(1, ...sorted.map(({ count }) => count));
  return (
    <div class="timeline" ref={ref}>
      {width > 0 && (
        <svg width={width} height={axis + 26}>
          <path d={`M0 ${axis}H${width}`} stroke="var(--line-2)" />
          <path d={`M4 ${axis}H${place(at + 30 * DAY)}`} stroke="var(--attention)" stroke-width="3" />
          {monthsFrom(at, reach).map((ms) => (
            <g key={ms}>
              <path d={`M${place(ms)} ${axis}v5`} stroke="var(--line-2)" />
              <text x={place(ms)} y={axis + 20} fill="var(--ink-3)">
                {month(ms)}
              </text>
            </g>
          ))}
          {marks.map((mark) => (
            <EndMark key={mark.end.day + mark.end.type} {...{ mark, axis, most, at, textOf }} />
          ))}
          <circle cx="4" cy={axis} r="3.25" fill="var(--page)" stroke="var(--ink)" stroke-width="1.75" />
        </svg>
      )}
    </div>
  );
}

interface EndMarkProps {
  readonly mark: Mark;
  readonly axis: number;
  readonly most: number;
  readonly at: number;
  readonly textOf: TextOf;
}

function EndMark({ mark, axis, most, at, textOf }: EndMarkProps) {
  const { end, x, level } = mark;
  const [what, when] = textOf(end);
  const isSoon = endOf(end.day) - at <= 30 * DAY;
  const height = 7 + 17 * (end.count / most);
  const top = level * STEP;
  return (
    <a href={endsHref(end.type)} aria-label={what + when}>
      {level >= 0 && (
        <>
          <path d={`M${x} ${top + 2}V${axis}`} stroke="var(--line-2)" />
          <text x={x + 7} y={top + 13} fill="var(--ink-3)">
            <tspan fill="var(--ink)" font-weight="500">
              {what}
            </tspan>
            {when}
          </text>
        </>
      )}
      <rect
        x={x - 2.5}
        y={axis - height}
        width="5"
        height={height}
        fill={isSoon ? 'var(--attention)' : 'var(--bar-used)'}
      />
    </a>
  );
}

/** The first of each month ahead, in UTC. */
function monthsFrom(at: number, reach: number): number[] {
  const first = new Date(at);
  return Array.from({ length: 13 }, (_, i) =>
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1 + i, 1, 12),
  ).filter((ms) => ms - at < reach - 10 * DAY);
}
