import { QuotaBar } from '../../components/quota-bar.js';
import { TableHead } from '../../components/table-head.js';
import { hrefOf } from '../../model/place.js';
import type { Overview } from '../../model/rows.js';
import { now } from '../../model/clock.js';
import { day, endOf, exact, number, shortDay } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';
import { n, typeName } from '../../texts/names.js';

const YEAR = 365 * 86_400_000;

/** Within a year the day is enough; beyond it the year matters. */
function endText(end: string | null): string {
  if (end === null) return p.value.overview.noEnd;
  return endOf(end) - now.value < YEAR ? shortDay(end) : day(end);
}

const PARTS = ['used', 'reserved', 'free', 'over'] as const;

/** What the parts of a bar mean; only those that its page can show. */
export function BarLegend({ parts = PARTS }: { parts?: readonly (typeof PARTS)[number][] }) {
  return (
    <p class="bar-legend soft" aria-hidden="true">
      {parts.map((part) => (
        <span key={part}>
          <i class={part} />
          {p.value.overview[part]}
        </span>
      ))}
    </p>
  );
}

export function SeatsByType({ types }: { types: Overview['types'] }) {
  const words = p.value.overview;
  return (
    <section>
      <div class="section-head">
        <h2>{words.seats}</h2>
        <BarLegend parts={['used', 'free']} />
      </div>
      {types.length === 0 ? (
        <p class="box empty-line soft">{words.noSeats}</p>
      ) : (
        <table class="box table seats">
          <TableHead
            columns={[
              [words.type],
              [words.used, 'seat-bar', true],
              [words.usedOwned, 'right'],
              ['%', 'right wide-only'],
              [n.value.terms.perpetual, 'right wide-only'],
              [words.firstEnd, 'right wide-only'],
            ]}
          />
          <tbody>
            {types.map(({ type, used, owned, perpetual, firstEnd }) => {
              const over = Math.max(0, used - owned);
              return (
                <tr key={type}>
                  <th scope="row">
                    <a class="row-link" href={hrefOf('licenses', undefined, { type, validity: 'valid' })}>
                      {typeName(type)}
                    </a>
                  </th>
                  <td class="seat-bar">
                    <QuotaBar quota={owned} used={used} label={p.value.bar(number(used), number(owned), over)} />
                  </td>
                  <td class="right nowrap">
                    <span class={`strong ${over > 0 ? 'stop' : ''}`}>{number(used)}</span>
                    <span class="quiet">{` / ${number(owned)}`}</span>
                  </td>
                  <td class="right soft wide-only">{owned > 0 && number(Math.round((100 * used) / owned))}</td>
                  <td class="right soft wide-only">{perpetual ? number(perpetual) : s.value.table.none}</td>
                  <td class="right soft nowrap wide-only" title={firstEnd === null ? '' : exact(firstEnd)}>
                    {firstEnd === null && !perpetual ? s.value.table.none : endText(firstEnd)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
