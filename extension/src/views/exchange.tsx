import { isExchangeAnswered } from '@leasehold/protocol/guards';
import type { ReplyOf } from '@leasehold/protocol';
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CopyBox } from '../components/copyable.js';
import { Field } from '../components/field.js';
import { Icon } from '../components/icon.js';
import { ProblemNote } from '../components/problem.js';
import { saveFile } from '../components/save-file.js';
import { useAct } from '../components/use-act.js';
import { discardDraft, useDraft } from '../components/use-draft.js';
import { canChange } from '../model/app.js';
import type { Live } from '../model/live.js';
import { Page } from '../shell/page.js';
import { x } from '../texts/exchange.js';
import { s } from '../texts/shell.js';
import { day } from '../texts/format.js';
import { RequestField } from './exchange/request-field.js';

type Answered = ReplyOf<'exchange'>;
const DEFAULT_DAYS = '90';

/** Kept while the console is open, and nowhere else: a request may carry a license key. */
const request = signal('');

/** Machines without a network: the very request that one would send, by file, and the very answer back. */
export function ExchangePage({ live }: { live: Live }) {
  const words = x.value;
  return (
    <Page title={s.value.nav.exchange}>
      <p class="soft">{words.lead}</p>
      <Step title={words.stepRequest} command={words.stepRequestCommand} body={words.stepRequestBody} />
      {canChange.value && <Exchange live={live} />}
      <Step title={words.stepImport} command={words.stepImportCommand} body={words.stepImportBody} />
    </Page>
  );
}

function Step({ title, command, body }: { title: string; command: string; body: string }) {
  return (
    <section class="exchange-step">
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
  const file = request.value;
  const setFile = (text: string) => (request.value = text);
  const [days, setDays] = useDraft('exchange', 'days', DEFAULT_DAYS);
  const [seen, setSeen] = useState<Answered>();
  const [answered, setAnswered] = useState<Answered>();
  const ask = (dryRun: boolean) => {
    const body = { file: file.trim(), leaseDays: Number(days), dryRun };
    return live.authority.call('exchange', isExchangeAnswered, { body });
  };
  const act = useAct(async () => {
    if (seen === undefined) return setSeen(await ask(true));
    const made = await ask(false);
    // It is answered once: the file is the reader's before anything can come between.
    save(made);
    setAnswered(made);
    setFile('');
    discardDraft('exchange');
  });
  const isReady = file.trim() !== '' && /^[1-9]\d{0,2}$/.test(days) && Number(days) <= 400;
  const put = (set: (value: string) => void) => (value: string) => {
    set(value);
    setSeen(undefined);
    act.forget();
  };
  const restart = () => {
    setSeen(undefined);
    setAnswered(undefined);
  };
  if (answered !== undefined) return <Response answered={answered} restart={restart} />;
  return (
    <form
      class="box exchange"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) act.run();
      }}
    >
      <RequestField value={file} set={put(setFile)} />
      <Field label={words.days} hint={words.daysHint} kind="number" value={days} set={put(setDays)} />
      {seen !== undefined && <Asked answered={seen} />}
      <ProblemNote problem={act.problem} causes={words.causes} />
      <div class="actions">
        <button type="submit" class="button primary" disabled={!isReady} aria-disabled={act.busy}>
          {seen === undefined ? words.look : words.answer}
        </button>
      </div>
      <div class="saving-line" data-on={act.busy} />
    </form>
  );
}

function Asked({ answered }: { answered: Answered }) {
  const words = x.value;
  const { call, instance, leaseUntil, label, usage = 0 } = answered;
  return (
    <dl class="facts" aria-live="polite">
      <dt>{words.what}</dt>
      <dd>{words.calls[call]}</dd>
      <dt>{words.machine}</dt>
      <dd>{[label, instance ?? words.newMachine].filter(Boolean).join(' · ')}</dd>
      {usage > 0 && (
        <>
          <dt>{words.brings}</dt>
          <dd>{words.usage(usage)}</dd>
        </>
      )}
      {leaseUntil !== null && (
        <>
          <dt>{words.until}</dt>
          <dd>{day(leaseUntil)}</dd>
        </>
      )}
    </dl>
  );
}

function save({ file, label, instance, call }: Answered): void {
  if (file !== undefined) saveFile(`answer-${label ?? instance ?? call}.txt`, 'text/plain', file);
}

function Response({ answered, restart }: { answered: Answered; restart: () => void }) {
  const words = x.value;
  const next = useRef<HTMLButtonElement>(null);
  // The form is gone, and the focus with it.
  useEffect(() => next.current?.focus(), []);
  return (
    <section class="box exchange" aria-label={words.done}>
      <p class="strong" role="status">
        <Icon name="ok" class="ok" /> {words.done}
      </p>
      <p class="soft">{words.doneBody}</p>
      <Asked answered={answered} />
      <div class="actions">
        <button ref={next} type="button" class="button primary" onClick={restart}>
          {words.again}
        </button>
        <button type="button" class="button" onClick={() => save(answered)}>
          {words.save}
        </button>
      </div>
    </section>
  );
}
