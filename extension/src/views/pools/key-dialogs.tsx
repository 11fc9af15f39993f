import { useDraft } from '../../components/use-draft.js';
import { isChangeReply, isPoolKeyCreated } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { CopyBox } from '../../components/copyable.js';
import { Dialog, FormDialog } from '../../components/dialog.js';
import { Field } from '../../components/field.js';
import { ProblemNote } from '../../components/problem.js';
import { useAct } from '../../components/use-act.js';
import type { Live } from '../../model/live.js';
import { calName, count, kindsOf } from '../../model/pools.js';
import type { PoolKeyRow, PoolRow, Pools } from '../../model/rows.js';
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
  const [name, setName] = useDraft(`key ${pool.id}`, '');
  const [fields, setFields] = useDraft<Readonly<Record<string, string>>>(`quotas ${pool.id}`, {});
  const [made, setMade] = useState<string>();
  const quota = quotaOf(fields, kinds);
  const isNamed = LICENSEE.test(name);
  const prefix = live.me.value?.prefix ?? null;
  if (made !== undefined) return <KeyMade name={name} licenseKey={made} close={close} />;
  return (
    <FormDialog
      title={words.createKeyTitle}
      lead={words.createKeyLead}
      act={words.createKeyAct}
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

function KeyMade({ name, licenseKey, close }: { name: string; licenseKey: string; close: () => void }) {
  const words = lp.value;
  return (
    <Dialog title={words.keyMade(name)} lead={words.keyMadeLead} close={close}>
      <div class="dialog-body">
        <CopyBox text={licenseKey} label={words.poolKeys} />
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>
          {s.value.dialog.close}
        </button>
      </div>
    </Dialog>
  );
}

export function KeyQuotaForm({ live, pools, pool, keys, row }: Props & { row: PoolKeyRow }) {
  const words = lp.value;
  const kinds = kindsOf(pools);
  const [edited, setEdited] = useDraft<Readonly<Record<string, string>>>(`quota ${row.id}`, {});
  const fields = Object.fromEntries(kinds.map((cal) => [cal, edited[cal] ?? String(count(row.quota, cal))]));
  const quota = quotaOf(fields, kinds);
  const isChanged = quota !== undefined && kinds.some((cal) => count(quota, cal) !== count(row.quota, cal));
  const act = useAct(async () => {
    if (quota === undefined) return;
    await live.authority.call('poolKeySetQuota', isChangeReply, { params: { key: row.id }, body: { quota } });
    setEdited({});
  });
  return (
    <form
      class="key-quota"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) act.run();
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
      <button type="submit" class="button small" aria-disabled={!isChanged || act.busy}>
        {act.busy ? s.value.dialog.saving : words.save}
      </button>
      <ProblemNote problem={act.problem} />
    </form>
  );
}
