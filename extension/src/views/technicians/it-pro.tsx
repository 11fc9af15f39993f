import { isChangeReply, isVoucherCreated } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { AskDialog } from '../../components/ask-dialog.js';
import { Copyable } from '../../components/copyable.js';
import { Field, SelectField } from '../../components/field.js';
import { Moment } from '../../components/moment.js';
import { useDraft } from '../../components/use-draft.js';
import { StatusChip } from '../../components/status-chip.js';
import { ResultDialog } from '../../components/result-dialog.js';
import { TableHead } from '../../components/table-head.js';
import { useResource } from '../../components/use-resource.js';
import { canChange, role } from '../../model/app.js';
import type { Live } from '../../model/live.js';
import type { LicenseRow, MediaRow, SessionRow } from '../../model/rows.js';
import { itProLicenses, matches } from '../../model/technicians.js';
import { d } from '../../texts/decide.js';
import { day } from '../../texts/format.js';
import { n, osName } from '../../texts/names.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';
import { InUse } from './sessions.js';
import { MediaField } from './media-field.js';

interface Props {
  readonly live: Live;
  readonly sessions: readonly SessionRow[];
  readonly media: readonly MediaRow[];
  readonly search: string;
}

type Asked = readonly [act: 'checkOut' | 'reassign', license: LicenseRow];

/** Each technician's license: who holds it, until when, whether it is in use. */
export function ItProTable({ live, sessions, media, search }: Props) {
  const [asked, setAsked] = useState<Asked>();
  const rows = useResource(live, 'it-pro', () => itProLicenses(live)).data.value?.filter((row) =>
    matches(search, [row.id, row.assignedTo]),
  );
  if (rows === undefined || rows.length === 0) return null;
  const busy = new Map(sessions.map((session) => [session.license, session]));
  const close = () => setAsked(undefined);
  return (
    <section>
      <div class="section-head">
        <h2>{d.value.licenses}</h2>
      </div>
      <table class="box table">
        <Head />
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} class={live.marked.value.has(`license:${row.id}`) ? 'changed' : ''}>
              <th scope="row" class="strong">
                {row.assignedTo ?? s.value.table.none}
              </th>
              <td class="wide-only">
                <Copyable text={row.id} />
              </td>
              <td class="nowrap wide-only">
                {row.validUntil !== null && <Moment at={row.validUntil}>{day(row.validUntil)}</Moment>}
              </td>
              <td class="wide-only">
                <ItProState row={row} session={busy.get(row.id)} />
              </td>
              <td>
                <div class="actions end">
                  {canChange.value && <RowAct act="checkOut" row={row} ask={setAsked} />}
                  {role.value === 'owner' && <RowAct act="reassign" row={row} ask={setAsked} />}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked?.[0] === 'checkOut' && <CheckOutDialog live={live} license={asked[1]} media={media} close={close} />}
      {asked?.[0] === 'reassign' && <ReassignDialog live={live} license={asked[1]} close={close} />}
    </section>
  );
}

function Head() {
  const words = p.value.technicians;
  return (
    <TableHead
      columns={[
        [d.value.holder],
        [s.value.nav.licenses, 'wide-only'],
        [p.value.licenses.validUntil, 'wide-only'],
        [p.value.machines.status, 'wide-only'],
        [words.now, '', true],
      ]}
    />
  );
}

function RowAct({ act, row, ask }: { act: Asked[0]; row: LicenseRow; ask: (asked: Asked) => void }) {
  const word = d.value.acts[act];
  return (
    <button type="button" class="button small" aria-label={d.value.title(word, row.id)} onClick={() => ask([act, row])}>
      {`${word}…`}
    </button>
  );
}

function ItProState({ row, session }: { row: LicenseRow; session: SessionRow | undefined }) {
  if (session !== undefined) return <InUse session={session} />;
  if (row.status === 'valid') return <StatusChip tone="ok" word={d.value.ready} />;
  const tone = row.status === 'expires_soon' || row.status === 'grace' ? 'attention' : 'stop';
  return <StatusChip tone={tone} word={n.value.licenseStatus[row.status]} />;
}

interface DialogProps {
  readonly live: Live;
  readonly license: LicenseRow;
  readonly close: () => void;
}

/** Hands a license to another person; only an owner can, and it is kept on record (AIP-9.7). */
function ReassignDialog({ live, license, close }: DialogProps) {
  const words = d.value;
  const form = `reassign ${license.id}`;
  const [technician, setTechnician] = useDraft(form, 'technician', '');
  return (
    <AskDialog
      live={live}
      title={words.title(words.acts.reassign, license.id)}
      act={words.acts.reassign}
      draft={form}
      danger
      consequences={[{ icon: 'alert', title: words.reassigned(license.assignedTo ?? ''), body: words.reassignedSub }]}
      route="licenseReassign"
      isReply={isChangeReply}
      params={{ license: license.id }}
      body={technician.trim() === '' ? undefined : { technician: technician.trim() }}
      close={close}
    >
      <Field label={words.newHolder} hint={words.newHolderHint} value={technician} set={setTechnician} required />
    </AskDialog>
  );
}

const SYSTEMS = ['windows_server', 'windows_client', 'linux', 'macos'] as const;
const MOST_HOURS = 12;

/** Checks a session out for one medium and one machine without a network; its code is shown once. */
function CheckOutDialog({ live, license, media, close }: DialogProps & { media: readonly MediaRow[] }) {
  const words = d.value;
  const own = media.filter(({ technician }) => technician === license.assignedTo);
  const form = `check-out ${license.id}`;
  const [medium, setMedium] = useDraft(form, 'medium', own[0]?.id ?? '');
  const [machine, setMachine] = useDraft(form, 'machine', '');
  const [os, setOs] = useDraft<string>(form, 'os', SYSTEMS[0]);
  const [text, setHours] = useDraft(form, 'hours', '8');
  const [code, setCode] = useState<string>();
  const hours = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  const isWhole = medium !== '' && machine.trim() !== '' && hours >= 1 && hours <= MOST_HOURS;
  if (code !== undefined) {
    return <ResultDialog title={words.codeFor(medium)} lead={words.codeSub} text={code} isSpoken close={close} />;
  }
  return (
    <AskDialog
      live={live}
      title={words.title(words.acts.checkOut, license.id)}
      act={words.acts.checkOut}
      draft={form}
      consequences={[{ icon: 'clock', title: words.busy, body: words.busySub }]}
      route="voucherCreate"
      isReply={isVoucherCreated}
      body={
        isWhole
          ? { license: license.id, media: medium, machine, machineOs: os as (typeof SYSTEMS)[number], hours }
          : undefined
      }
      keepOpen
      done={(reply) => setCode(reply.code)}
      close={close}
    >
      <MediaField media={own} value={medium} set={setMedium} />
      <Field label={words.machineCode} value={machine} set={setMachine} mono required />
      <SelectField
        label={words.os}
        value={os}
        set={setOs}
        options={SYSTEMS.map((value) => ({ value, label: osName(value) }))}
      />
      <Field label={words.hours} value={text} set={setHours} kind="number" required />
    </AskDialog>
  );
}
