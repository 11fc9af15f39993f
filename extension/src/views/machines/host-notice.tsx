import { isChangeReply } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { AskDialog } from '../../components/ask-dialog.js';
import { Icon } from '../../components/icon.js';
import { actorName } from '../../components/journal-words.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { nameOf } from '../../model/machines.js';
import type { HostRow } from '../../model/rows.js';
import { d } from '../../texts/decide.js';
import { recent } from '../../texts/format.js';

/** D-10: so long may anything be silent before a person is told. */
const SILENT_MS = 31 * 86_400_000;

interface Props {
  readonly live: Live;
  readonly host: HostRow;
}

/** What an admin should know of a host: another company tells of it too, or nobody tells of it any more. */
export function HostNotice({ live, host }: Props) {
  const [isAsking, setAsking] = useState(false);
  const words = d.value.host;
  const { contested, reportedAt, coveredBy } = host;
  const isSilent = reportedAt !== null && now.value - Date.parse(reportedAt) > SILENT_MS;
  if (contested == null && !isSilent) return null;
  return (
    <tr role="row" class="detail-row">
      <td role="cell" class="span-all tree level-1">
        <div class="shortage">
          <p>
            <Icon name="alert" class="attention" />{' '}
            {contested == null ? (
              <span class="strong">{words.silent(recent(reportedAt!, now.value))}</span>
            ) : (
              <>
                <span class="strong">
                  {words.contested(actorName(contested.by, live.tokenNames.value), recent(contested.at, now.value))}
                </span>{' '}
                <span class="soft">{words.contestedSub}</span>
              </>
            )}
          </p>
          {canChange.value && coveredBy === null && (
            <button type="button" class="button small" onClick={() => setAsking(true)}>
              {`${words.forget}…`}
            </button>
          )}
          {isAsking && <ForgetDialog live={live} host={host} close={() => setAsking(false)} />}
        </div>
      </td>
    </tr>
  );
}

function ForgetDialog({ live, host, close }: Props & { close: () => void }) {
  const words = d.value.host;
  return (
    <AskDialog
      live={live}
      title={d.value.title(words.forget, nameOf(host))}
      act={words.forget}
      danger
      effects={({ decision: { value = {} } }) => [
        {
          icon: 'host',
          title: words.leaves(Number(value['guests'] ?? 0)),
          body: words.homeless(Number(value['withoutPlace'] ?? 0)),
        },
        { icon: 'info', title: words.back, body: words.backSub },
      ]}
      route="hostForget"
      isReply={isChangeReply}
      params={{ host: host.id }}
      body={{}}
      close={close}
    />
  );
}
