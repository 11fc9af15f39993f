import { isExchangeAnswered } from '@leasehold/protocol/guards';
import type { ReplyOf } from '@leasehold/protocol';
import { useState } from 'preact/hooks';
import { CopyBox } from '../components/copyable.js';
import { Field } from '../components/field.js';
import { Icon } from '../components/icon.js';
import { ProblemNote } from '../components/problem.js';
import { saveFile } from '../components/save-file.js';
import { useAct } from '../components/use-act.js';
import { canChange } from '../model/app.js';
import type { Live } from '../model/live.js';
import { Page } from '../shell/page.js';
import { x } from '../texts/exchange.js';
import { day } from '../texts/format.js';
import { RequestField } from './exchange/request-field.js';

type Answered = ReplyOf<'exchange'>;
const DEFAULT_DAYS = '90';

/** Machines without a network: the very request that one would send, by file, and the very answer back. */
export function ExchangePage({ live }: { live: Live }) {
  const words = x.value;
  return (
    <Page title={words.title}>
      <p class="soft">{words.lead}</p>
      <Step title={words.stepRequest} command={words.stepRequestCommand} body={words.stepRequestBody} />
      {canChange.value && <Exchange live={live} />}
      <Step title={words.stepImport} command={words.stepImportCommand} body={words.stepImportBody} />
    </Page>
  );
}

function Step({ title, command, body }: { title: string; command: string; body: string }) {
  return (
    <section>
      <div class="section-head">
        <h2>{title}</h2>
      </div>
      <CopyBox text={command} label={title} />
      <p class="quiet">{body}</p>
    </section>
  );
}

/** Looked at first: nothing is taken before a person has seen what the machine asks for. */
function Exchange({ live }: { live: Live }) {
  const words = x.value;
  const [file, setFile] = useState('');
  const [days, setDays] = useState(DEFAULT_DAYS);
  const [seen, setSeen] = useState<Answered>();
  const [answered, setAnswered] = useState<Answered>();
  const ask = (dryRun: boolean) => {
    const body = { file: file.trim(), leaseDays: Number(days), dryRun };
    return live.authority.call('exchange', isExchangeAnswered, { body });
  };
  const look = useAct(async () => setSeen(await ask(true)));
  const answer = useAct(async () => setAnswered(await ask(false)));
  const isReady = file.trim() !== '' && /^[1-9]\d{0,2}$/.test(days) && Number(days) <= 400;
  const put = (set: (value: string) => void) => (value: string) => {
    set(value);
    setSeen(undefined);
  };
  const restart = () => {
    put(setFile)('');
    setAnswered(undefined);
  };
  if (answered?.file !== undefined) return <Response answered={answered} file={answered.file} restart={restart} />;
  return (
    <form
      class="box exchange"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) (seen === undefined ? look : answer).run();
      }}
    >
      <RequestField value={file} set={put(setFile)} />
      <Field label={words.days} hint={words.daysHint} kind="number" value={days} set={put(setDays)} />
      {seen !== undefined && <Asked answered={seen} />}
      <ProblemNote problem={look.problem ?? answer.problem} />
      <div class="actions">
        <button type="submit" class="button primary" disabled={!isReady || look.busy || answer.busy}>
          {seen === undefined ? words.look : words.answer}
        </button>
      </div>
      <div class="saving-line" data-on={look.busy || answer.busy} />
    </form>
  );
}

function Asked({ answered }: { answered: Answered }) {
  const words = x.value;
  const { call, instance, leaseUntil } = answered;
  return (
    <dl class="facts" aria-live="polite">
      <dt>{words.what}</dt>
      <dd>{words.calls[call]}</dd>
      <dt>{words.machine}</dt>
      <dd>{instance ?? words.newMachine}</dd>
      {leaseUntil !== null && (
        <>
          <dt>{words.until}</dt>
          <dd>{day(leaseUntil)}</dd>
        </>
      )}
    </dl>
  );
}

function Response({ answered, file, restart }: { answered: Answered; file: string; restart: () => void }) {
  const words = x.value;
  return (
    <section class="box exchange" aria-label={words.done}>
      <p class="strong" role="status">
        <Icon name="ok" class="ok" /> {words.done}
      </p>
      <p class="soft">{words.doneBody}</p>
      <Asked answered={answered} />
      <div class="actions">
        <button
          type="button"
          class="button primary"
          onClick={() => saveFile(`answer-${answered.instance ?? answered.call}.txt`, 'text/plain', file)}
        >
          {words.save}
        </button>
        <button type="button" class="button" onClick={restart}>
          {words.again}
        </button>
      </div>
    </section>
  );
}
