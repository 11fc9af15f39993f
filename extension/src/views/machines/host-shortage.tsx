import { TimeRuler } from '../../components/time-ruler.js';
import { now } from '../../model/clock.js';
import { hrefOf } from '../../model/place.js';
import type { HostRow, Todo } from '../../model/rows.js';
import { t } from '../../texts/core.js';
import { d } from '../../texts/decide.js';
import { instant, span } from '../../texts/format.js';

/** Guests of a host that lost their cover: until when they run all the same (F-4), and where the cure is planned. */
export function HostShortage({ host, short }: { host: HostRow; short: readonly Todo[] }) {
  const words = d.value;
  const [first] = short.toSorted((one, other) => one.until.localeCompare(other.until));
  if (first === undefined) return null;
  const until = Date.parse(first.until);
  const plan = { change: 'migrate', to: 'host', source: first.subject.id, host: host.id };
  return (
    <tr role="row" class="detail-row">
      <td role="cell" class="span-all tree level-1">
        <div class="shortage">
          <p>
            <span class="strong">{words.short(short.length)}</span>{' '}
            <span class="soft">{words.shortSub(instant(until))}</span>
          </p>
          <TimeRuler since={Date.parse(first.since)} until={until} />
          <span class="strong nowrap">{t.value.todo.left(span(Math.max(0, until - now.value)))}</span>
          <a class="button small" href={hrefOf('plan', undefined, plan)}>
            {words.plan}
          </a>
        </div>
      </td>
    </tr>
  );
}
