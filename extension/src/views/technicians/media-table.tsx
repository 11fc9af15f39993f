import { Copyable } from '../../components/copyable.js';
import { Moment } from '../../components/moment.js';
import { StatusChip } from '../../components/status-chip.js';
import { TableHead } from '../../components/table-head.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import type { MediaRow, SessionRow } from '../../model/rows.js';
import { day, number, shortDay, shortSpan } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { n, osName } from '../../texts/names.js';
import { s } from '../../texts/shell.js';
import { NoRows } from './no-rows.js';
import { InUse } from './sessions.js';

const WARN_MS = 30 * 86_400_000;

interface Props {
  readonly live: Live;
  readonly media: readonly MediaRow[];
  readonly sessions: readonly SessionRow[];
}

/** Every medium's passport: what it may serve, until when, whether it is in use now. */
export function MediaTable({ live, media, sessions }: Props) {
  const words = p.value.technicians;
  const inUse = new Map(sessions.map((session) => [session.media, session]));
  return (
    <section>
      <div class="section-head">
        <h2>{words.media}</h2>
        {media.length > 0 && <p class="quiet">{words.passports(media.length)}</p>}
      </div>
      {media.length === 0 ? (
        <NoRows title={words.noMedia} body={words.noMediaSub} />
      ) : (
        <table class="box table">
          <TableHead
            columns={[
              [words.medium],
              [words.base, 'wider-only'],
              [words.licensee, 'wide-only'],
              [words.machines, 'wide-only'],
              [words.technician, 'wide-only'],
              [p.value.licenses.validUntil, 'wide-only'],
              [words.stamped, 'wider-only'],
              [p.value.machines.status],
            ]}
          />
          <tbody>
            {media.map((row) => (
              <MediumLine
                key={row.id}
                row={row}
                session={inUse.get(row.id)}
                isChanged={live.marked.value.has(`media:${row.id}`)}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface LineProps {
  readonly row: MediaRow;
  readonly session: SessionRow | undefined;
  readonly isChanged: boolean;
}

function MediumLine({ row, session, isChanged }: LineProps) {
  const words = p.value.technicians;
  return (
    <tr class={isChanged ? 'changed' : ''}>
      <th scope="row">
        <Copyable text={row.id} />
      </th>
      <td class="soft wider-only">{osName(row.base)}</td>
      <td class="wide-only cut">{row.licensee}</td>
      <td class="wide-only">{row.technician === null ? number(row.machines) : words.any}</td>
      <td class="soft wide-only">{row.technician ?? s.value.table.none}</td>
      <td class="nowrap wide-only">
        <Moment at={row.validUntil}>{day(row.validUntil)}</Moment>
      </td>
      <td class="soft nowrap wider-only">
        <Moment at={row.stampedAt}>{shortDay(row.stampedAt)}</Moment>
      </td>
      <td>
        <MediumState row={row} session={session} />
      </td>
    </tr>
  );
}

/** An ended passport still opens recoveries (F-10, D-1). */
function MediumState({ row, session }: Pick<LineProps, 'row' | 'session'>) {
  const words = p.value.technicians;
  const left = Date.parse(row.validUntil) - now.value;
  if (session !== undefined) return <InUse session={session} />;
  if (left <= 0) return <StatusChip tone="attention" word={words.endedRecovery} />;
  if (left <= WARN_MS)
    return <StatusChip tone="attention" word={n.value.licenseStatus.expires_soon} rest={shortSpan(left)} />;
  return <StatusChip tone="ok" word={n.value.licenseStatus.valid} />;
}
