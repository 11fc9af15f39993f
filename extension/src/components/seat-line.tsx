import type { SeatDays } from '../model/seat-history.js';
import { number, shortDay } from '../texts/format.js';
import { p } from '../texts/pages.js';
import { useWidth } from './use-width.js';

const HEIGHT = 72;
/** For the figures that stand at the end of the lines. */
const ROOM = 92;
const LINE = 16;

/** Seats over 90 days: used as an area, owned as a dotted line, each with its figure at the end. A day that nobody counted
 * is a gap, never a guess; before the first counted day there is only its date. */
export function SeatLine({ seats, label, of }: { seats: SeatDays; label: string; of: 'owned' | 'quota' }) {
  const { ref, width } = useWidth<HTMLElement>();
  const { days, used, owned } = seats;
  const words = p.value.seatLine;
  const first = used.findIndex((each) => each !== null);
  const last = days.length - 1;
  const [usedNow, ownedNow] = [used[last] ?? 0, owned[last] ?? 0];
  if (first < 0 || first === last) return <p class="quiet">{words.none}</p>;
  const most = Math.max(1, ...used.map(Number), ...owned.map(Number));
  const reach = Math.max(0, width - ROOM);
  const x = (i: number) => (i / days.length) * reach;
  const y = (value: number) => HEIGHT - (value / most) * (HEIGHT - LINE) - 1;
  const place = Math.min(y(usedNow), HEIGHT - 4);
  const isLate = first > last / 2;
  // Where both figures would stand on each other, owned goes up.
  const above = Math.min(y(ownedNow), place - LINE);
  return (
    <figure class="seat-line" ref={ref}>
      <svg
        width={width}
        height={HEIGHT + 22}
        role="img"
        aria-label={`${label}: ${words.text(shortDay(days[first]!), number(used[first] ?? 0), number(usedNow), number(ownedNow), number(Math.max(...used.map(Number))))}`}
      >
        <path d={`M0 ${HEIGHT}H${reach}`} stroke="var(--line-2)" />
        {stretches(used).map(([from, to]) => {
          const top = steps(used, from, to, x, y);
          return (
            <g key={from}>
              <path d={`M${x(from)} ${HEIGHT}L${top}V${HEIGHT}Z`} fill="var(--bar-free)" />
              <path d={`M${top}`} fill="none" stroke="var(--bar-used)" stroke-width="1.5" />
            </g>
          );
        })}
        {stretches(owned).map(([from, to]) => (
          <path
            key={from}
            d={`M${steps(owned, from, to, x, y)}`}
            fill="none"
            stroke="var(--edge)"
            stroke-width="1.5"
            stroke-dasharray="2 3"
          />
        ))}
        <circle cx={reach} cy={y(usedNow)} r="3" fill="var(--ink)" />
        <text x={reach + 9} y={above + 4} fill="var(--ink-3)">
          {words[of](number(ownedNow))}
        </text>
        <text x={reach + 9} y={place + 4} fill="var(--ink)" font-weight="500">
          {words.used(number(usedNow))}
        </text>
        <text x={isLate ? width : x(first)} y={HEIGHT + 18} fill="var(--ink-3)" text-anchor={isLate ? 'end' : 'start'}>
          {first === 0 ? shortDay(days[0]!) : words.since(shortDay(days[first]!))}
        </text>
        <text x={reach} y={HEIGHT + 18} fill="var(--ink-3)" text-anchor="end">
          {!isLate && words.today}
        </text>
      </svg>
    </figure>
  );
}

/** Runs of days that were counted. */
function stretches(values: SeatDays['used']): (readonly [from: number, to: number])[] {
  const found: [number, number][] = [];
  values.forEach((value, i) => {
    if (value === null) return;
    const before = found.at(-1);
    if (before?.[1] === i - 1) before[1] = i;
    else found.push([i, i]);
  });
  return found;
}

type Scale = (value: number) => number;

/** Each day is one step: what was so at its end. */
function steps(values: SeatDays['used'], from: number, to: number, x: Scale, y: Scale): string {
  const parts = values.slice(from, to + 1).map((value, i) => {
    const height = y(value ?? 0);
    return `${x(from + i)} ${height}H${x(from + i + 1)}`;
  });
  return parts.join('L');
}
