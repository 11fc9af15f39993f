import { now } from '../model/clock.js';
import { t } from '../texts/core.js';
import { exact, span } from '../texts/format.js';

const DAY = 86_400_000;
const MID = 6;

interface RulerProps {
  readonly since: number;
  readonly until: number;
  readonly width?: number;
  /** Warning levels before the stop, in days. */
  readonly levels?: readonly number[];
  /** A session's end is no trouble: its ruler has no color. */
  readonly tone?: 'attention' | 'neutral';
}

/** The right end is the stop, the ring is now, the thick part is what is left; ticks under the line are the warning
 * levels. Linear over the whole period. */
export function TimeRuler({ since, until, width = 154, levels = [7, 3, 1], tone = 'attention' }: RulerProps) {
  const at = now.value;
  const isOver = at >= until;
  const end = width - 2;
  const whole = Math.max(1, until - since);
  const place = (ms: number) => 4 + Math.min(1, Math.max(0, (ms - since) / whole)) * (end - 4);
  const ticks = levels.map((days) => until - days * DAY).filter((ms) => ms > since);
  const label = isOver
    ? t.value.rulerPast(span(at - until), exact(until))
    : t.value.ruler(span(until - at), exact(until));
  const color = tone === 'neutral' ? 'var(--bar-used)' : 'var(--attention)';
  return (
    <svg class="ruler" width={width} height={18} viewBox={`0 0 ${width} 18`} role="img" aria-label={label}>
      <title>{label}</title>
      <path d={`M0 ${MID}H${end}`} stroke="var(--line-2)" stroke-width="1.5" />
      {ticks.map((ms) => (
        <path key={ms} d={`M${place(ms)} ${MID + 2}v4`} stroke="var(--edge)" stroke-width="1" />
      ))}
      {isOver ? (
        <path d={`M${end - 3} ${MID - 5}l3 3.6v2.8l-3 3.6-3-3.6v-2.8Z`} fill="var(--stop)" stroke="none" />
      ) : (
        <>
          <path d={`M${place(at)} ${MID}H${end}`} stroke={color} stroke-width="3" />
          <path d={`M${end} ${MID - 5}v10`} stroke="var(--ink)" stroke-width="2" />
          <circle cx={place(at)} cy={MID} r="3.25" fill="var(--page)" stroke="var(--ink)" stroke-width="1.75" />
        </>
      )}
    </svg>
  );
}
