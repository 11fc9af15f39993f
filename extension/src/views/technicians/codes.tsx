import { useDraft } from '../../components/use-draft.js';
import { isCodeCreated } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { AskDialog } from '../../components/ask-dialog.js';
import { Field } from '../../components/field.js';
import { actorName } from '../../components/journal-words.js';
import { Moment } from '../../components/moment.js';
import { ResultDialog } from '../../components/result-dialog.js';
import { TableHead } from '../../components/table-head.js';
import { useResource } from '../../components/use-resource.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import type { MediaRow } from '../../model/rows.js';
import { givenCodes, matches } from '../../model/technicians.js';
import { d } from '../../texts/decide.js';
import { recent } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { MediaField } from './media-field.js';

interface Props {
  readonly live: Live;
  readonly media: readonly MediaRow[];
  readonly search: string;
}

/** Recoveries that nothing else opens (F-10): a code is made for a challenge, and on record. */
export function GivenCodes({ live, media, search }: Props) {
  const words = p.value.technicians;
  const [isAsking, setAsking] = useState(false);
  const given = useResource(live, 'codes', () => givenCodes(live)).data.value ?? [];
  const rows = given.filter((row) => matches(search, [row.media, row.challenge, row.note]));
  return (
    <section>
      <div class="section-head">
        <h2>{d.value.codes}</h2>
        <p class="quiet">{d.value.codesSub}</p>
        {canChange.value && media.length > 0 && (
          <button type="button" class="button small end" onClick={() => setAsking(true)}>
            {`${d.value.acts.code}…`}
          </button>
        )}
      </div>
      {rows.length > 0 && (
        <table class="box table" aria-label={d.value.given}>
          <TableHead
            columns={[[words.when], [words.medium, 'wide-only'], [words.why], [p.value.activity.who, 'wide-only']]}
          />
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td class="soft nowrap">
                  <Moment at={row.at}>{recent(row.at, now.value)}</Moment>
                </td>
                <td class="mono nowrap wide-only">{row.media}</td>
                <td>{row.note}</td>
                <td class="soft wide-only">{actorName(row.author, live.tokenNames.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isAsking && <CodeForm live={live} media={media} close={() => setAsking(false)} />}
    </section>
  );
}

function CodeForm({ live, media, close }: Omit<Props, 'search'> & { close: () => void }) {
  const words = d.value;
  const [medium, setMedium] = useDraft('code', 'medium', '');
  const [challenge, setChallenge] = useDraft('code', 'challenge', '');
  const [note, setNote] = useDraft('code', 'note', '');
  const [code, setCode] = useState<string>();
  if (code !== undefined) {
    return <ResultDialog title={words.codeFor(medium)} lead={words.codeSub} text={code} isSpoken close={close} />;
  }
  const isWhole = medium !== '' && challenge.trim() !== '' && note.trim() !== '';
  return (
    <AskDialog
      live={live}
      title={words.acts.code}
      lead={words.codesSub}
      act={words.acts.code}
      draft="code"
      route="codeCreate"
      isReply={isCodeCreated}
      params={{ media: medium }}
      body={isWhole ? { challenge, note: note.trim() } : undefined}
      keepOpen
      done={(reply) => setCode(reply.code)}
      close={close}
    >
      <MediaField media={media} value={medium} set={setMedium} />
      <Field label={words.challenge} value={challenge} set={setChallenge} mono required />
      <Field label={words.why} hint={words.noteHint} value={note} set={setNote} required />
    </AskDialog>
  );
}
