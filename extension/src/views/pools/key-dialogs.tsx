import { discardDraft, useDraft } from '../../components/use-draft.js';
import { isChangeReply, isPoolKeyCreated } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { AskDialog } from '../../components/ask-dialog.js';
import { FormDialog } from '../../components/dialog.js';
import { Field } from '../../components/field.js';
import { ProblemNote } from '../../components/problem.js';
import { ResultDialog } from '../../components/result-dialog.js';
import { useAct } from '../../components/use-act.js';
import type { Live } from '../../model/live.js';
import { calName, count, kindsOf, splitName } from '../../model/pools.js';
import type { Cals, PoolKeyRow, PoolRow, Pools } from '../../model/rows.js';
import { number } from '../../texts/format.js';
import { lp } from '../../texts/pools.js';
import { s } from '../../texts/shell.js';
import { quotaOf, readCount } from './quota-form.js';

interface Props {
  readonly live: Live;
  readonly pools: Pools;
  readonly pool: PoolRow;
  readonly keys: readonly PoolKeyRow[];
}

/** What the pool still has of one kind for this key. */
function atMost(pool: PoolRow, keys: readonly PoolKeyRow[], cal: string, row?: PoolKeyRow): number {
  const others = keys.filter((key) => key.id !== row?.id).reduce((whole, key) => whole + count(key.quota, cal), 0);
  return Math.max(0, count(pool.quota, cal) - others);
}

const LICENSEE = /^[A-Za-z0-9_-]+$/;

/** Prefix shown, licensee name, Key Quota (LMP-3.5, LMP-4.15). The key itself is shown once. */
export function CreateKeyDialog({ live, pools, pool, keys, close }: Props & { close: () => void }) {
  const words = lp.value;
  const kinds = kindsOf(pools);
  const form = `key ${pool.id}`;
  const [name, setName] = useDraft(form, 'name', '');
  const [fields, setFields] = useDraft<Readonly<Record<string, string>>>(form, 'quota', {});
  const [made, setMade] = useState<string>();
  const quota = quotaOf(fields, kinds);
  const isNamed = LICENSEE.test(name);
  const prefix = live.me.value?.prefix ?? null;
  if (made !== undefined) {
    return <ResultDialog title={words.keyMade(name)} lead={words.keyMadeLead} text={made} close={close} />;
  }
  return (
    <FormDialog
      title={words.createKey}
      lead={words.createKeyLead}
      act={words.createAct}
      draft={form}
      ready={isNamed && quota !== undefined}
      keepOpen
      close={close}
      run={async () => {
        const input = { params: { pool: pool.id }, body: { licenseeName: name, quota: quota ?? null } };
        const reply = await live.authority.call('poolKeyCreate', isPoolKeyCreated, input);
        setMade(reply.licenseKey ?? '');
      }}
    >
      <Field
        label={words.licensee}
        hint={prefix === null ? words.licenseeHint : `${prefix}-${name}`}
        problem={name !== '' && !isNamed ? words.licenseeHint : undefined}
        value={name}
        set={setName}
        required
      />
      <div class="field-row">
        {kinds.map((cal) => (
          <Field
            key={cal}
            label={`${words.keyQuota}: ${calName(cal)}`}
            hint={words.atMost(number(atMost(pool, keys, cal)))}
            problem={readCount(fields[cal] ?? '0') === undefined ? s.value.problem.INPUT_INVALID?.[0] : undefined}
            kind="number"
            value={fields[cal] ?? ''}
            set={(value) => setFields({ ...fields, [cal]: value })}
          />
        ))}
      </div>
    </FormDialog>
  );
}

export function KeyQuotaForm({ live, pools, pool, keys, row }: Props & { row: PoolKeyRow }) {
  const words = lp.value;
  const kinds = kindsOf(pools);
  const form = `quota ${row.id}`;
  const [edited, setEdited] = useDraft<Readonly<Record<string, string>>>(form, 'edited', {});
  const fields = Object.fromEntries(kinds.map((cal) => [cal, edited[cal] ?? String(count(row.quota, cal))]));
  const quota = quotaOf(fields, kinds);
  const isChanged = quota !== undefined && kinds.some((cal) => count(quota, cal) !== count(row.quota, cal));
  const over = kinds.filter((cal) => quota !== undefined && count(quota, cal) < count(row.used, cal));
  const [isAsking, setAsking] = useState(false);
  const act = useAct(async () => {
    if (quota === undefined) return;
    await live.authority.call('poolKeySetQuota', isChangeReply, { params: { key: row.id }, body: { quota } });
    discard();
  });
  const discard = () => {
    setEdited({});
    discardDraft(form);
  };
  return (
    <form
      class="key-quota"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged && over.length > 0) setAsking(true);
        else if (isChanged) act.run();
      }}
    >
      {kinds.map((cal) => (
        <Field
          key={cal}
          label={calName(cal)}
          hint={words.atMost(number(atMost(pool, keys, cal, row)))}
          kind="number"
          value={fields[cal] ?? ''}
          set={(value) => setEdited({ ...edited, [cal]: value })}
        />
      ))}
      {Object.keys(edited).length > 0 && (
        <button type="button" class="button small" onClick={discard}>
          {s.value.dialog.cancel}
        </button>
      )}
      <button type="submit" class="button small" aria-disabled={!isChanged || act.busy}>
        {act.busy ? s.value.dialog.saving : words.update}
      </button>
      <ProblemNote problem={act.problem} />
      {isAsking && quota !== undefined && (
        <LowerDialog {...{ live, row, quota, over }} done={discard} close={() => setAsking(false)} />
      )}
    </form>
  );
}

interface LowerProps {
  readonly live: Live;
  readonly row: PoolKeyRow;
  readonly quota: Cals;
  /** The kinds of which more is in use than the quota would allow. */
  readonly over: readonly string[];
  readonly done: () => void;
  readonly close: () => void;
}

/** Less than is in use takes something from a server that runs: said with its numbers before. */
function LowerDialog({ live, row, quota, over, done, close }: LowerProps) {
  const words = lp.value;
  const [, name] = splitName(row.fullName, live.me.value?.prefix ?? null);
  return (
    <AskDialog
      live={live}
      title={words.lowerTitle(name)}
      act={words.lowerAct(name)}
      danger
      consequences={over.map((cal) => ({
        icon: 'alert',
        tone: 'attention',
        title: words.overTitle(count(row.used, cal) - count(quota, cal), calName(cal)),
        body: words.overBody(number(count(row.used, cal)), number(count(quota, cal))),
      }))}
      route="poolKeySetQuota"
      isReply={isChangeReply}
      params={{ key: row.id }}
      body={{ quota }}
      done={done}
      close={close}
    />
  );
}
