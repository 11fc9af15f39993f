import { isChangeReply } from '@leasehold/protocol/guards';
import { discardDraft, useDraft } from '../../components/use-draft.js';
import { ProblemNote } from '../../components/problem.js';
import { QuotaBar } from '../../components/quota-bar.js';
import { useAct } from '../../components/use-act.js';
import { canChange } from '../../model/app.js';
import type { Live } from '../../model/live.js';
import { calName, count, figuresOf, kindsOf, splitName, type PoolFigures } from '../../model/pools.js';
import type { Cals, PoolKeyRow, PoolRow, Pools } from '../../model/rows.js';
import { number } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { lp } from '../../texts/pools.js';
import { s } from '../../texts/shell.js';

interface Props {
  readonly live: Live;
  readonly pools: Pools;
  readonly pool: PoolRow;
  readonly keys: readonly PoolKeyRow[];
}

/** A whole number from 0; undefined for anything else. */
export function readCount(text: string): number | undefined {
  const typed = text.normalize('NFKC').trim();
  return /^\d{1,9}$/.test(typed) ? Number(typed) : undefined;
}

/** The fields of a quota, one for each kind; undefined while one of them is no count. */
export function quotaOf(fields: Readonly<Record<string, string>>, kinds: readonly string[]): Cals | undefined {
  const counts = kinds.map((cal) => [cal, readCount(fields[cal] ?? '0')] as const);
  return counts.every(([, n]) => n !== undefined) ? (Object.fromEntries(counts) as Cals) : undefined;
}

/** Pool Quota, then Update. What the rules refuse stands below with its reason; nothing was changed then. */
export function QuotaForm({ live, pools, pool, keys }: Props) {
  const kinds = kindsOf(pools);
  const form = `quota ${pool.id}`;
  const [edited, setEdited] = useDraft<Readonly<Record<string, string>>>(form, 'edited', {});
  const fields = Object.fromEntries(kinds.map((cal) => [cal, edited[cal] ?? String(count(pool.quota, cal))]));
  const quota = quotaOf(fields, kinds);
  const isChanged = quota !== undefined && kinds.some((cal) => count(quota, cal) !== count(pool.quota, cal));
  const isOpen = canChange.value && pools.lockedBy === null;
  const act = useAct(async () => {
    if (quota === undefined) return;
    await live.authority.call('poolSetQuota', isChangeReply, { params: { pool: pool.id }, body: { quota } });
    discard();
  });
  const discard = () => {
    setEdited({});
    discardDraft(form);
  };
  return (
    <form
      class="box quota-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) act.run();
      }}
    >
      {kinds.map((cal) => (
        <div key={cal} class="quota-line">
          <label class="strong" for={`quota-${cal}`}>
            {calName(cal)}
          </label>
          <span class="unit-input">
            <input
              id={`quota-${cal}`}
              class="input"
              inputMode="numeric"
              value={fields[cal]}
              disabled={!isOpen}
              aria-invalid={readCount(fields[cal] ?? '') === undefined}
              onInput={(event) => setEdited({ ...edited, [cal]: event.currentTarget.value })}
            />
            <span class="quiet">{lp.value.cals}</span>
          </span>
          <Figures figures={figuresOf(pool, keys, cal)} prefix={live.me.value?.prefix ?? null} />
        </div>
      ))}
      <div class="quota-end">
        {isOpen && (
          <Buttons
            isEdited={Object.keys(edited).length > 0}
            isChanged={isChanged}
            isBusy={act.busy}
            discard={discard}
          />
        )}
      </div>
      <ProblemNote problem={act.problem} />
      <div class="saving-line" data-on={act.busy} />
    </form>
  );
}

interface ButtonsProps {
  readonly isEdited: boolean;
  readonly isChanged: boolean;
  readonly isBusy: boolean;
  readonly discard: () => void;
}

function Buttons({ isEdited, isChanged, isBusy, discard }: ButtonsProps) {
  return (
    <>
      {isEdited && (
        <button type="button" class="button" onClick={discard}>
          {s.value.dialog.cancel}
        </button>
      )}
      <button type="submit" class={`button ${isChanged ? 'primary' : ''}`} aria-disabled={!isChanged || isBusy}>
        {isBusy ? s.value.dialog.saving : lp.value.update}
      </button>
    </>
  );
}

function Figures({ figures, prefix }: { figures: PoolFigures; prefix: string | null }) {
  const words = lp.value;
  const { quota, used, reserved, free, over } = figures;
  const label = p.value.bar(
    number(used),
    number(quota),
    over.reduce((a, { by }) => a + by, 0),
  );
  return (
    <>
      <QuotaBar quota={quota} used={used} reserved={reserved} label={label} />
      <p class="soft figures">
        <b>{number(used)}</b> {words.used} · <b>{number(reserved)}</b> {words.reserved} · <b>{number(free)}</b>{' '}
        {words.free}
        {over.map(({ key, by }) => (
          <span key={key.id} class="stop">
            {` · ${words.overIn(number(by), splitName(key.fullName, prefix)[1])}`}
          </span>
        ))}
      </p>
    </>
  );
}
