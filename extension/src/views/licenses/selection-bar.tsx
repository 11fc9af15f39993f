import { useRef, useState } from 'preact/hooks';
import { Icon } from '../../components/icon.js';
import { ProblemNote } from '../../components/problem.js';
import { useAct } from '../../components/use-act.js';
import { canChange } from '../../model/app.js';
import { runBulk, type Bulk } from '../../model/bulk.js';
import { AT_MOST } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import type { LicenseRow } from '../../model/rows.js';
import { b } from '../../texts/buying.js';
import { number } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';
import {
  AssignDialog,
  ChangeTypeDialog,
  GrantUserDialog,
  ReleaseUserDialog,
  RenewDialog,
  TakeBackDialog,
} from './license-dialogs.js';
import type { Selection } from './license-group.js';

interface BarProps {
  readonly live: Live;
  readonly selection: Selection;
  readonly clear: () => void;
  /** Takes what would put back what was just done. */
  readonly done: (undo: Bulk | null) => void;
}

type Act = 'assign' | 'type' | 'grant' | 'revoke' | 'release' | 'renew' | 'withdraw';

/** Which acts fit everything that is selected; one that fits only some of it is not offered, and none for too many. */
function actsFor(all: readonly LicenseRow[]) {
  const every = (is: (row: LicenseRow) => boolean) => all.length <= AT_MOST && all.every(is);
  const isInstance = every(({ profile }) => profile === 'msp');
  const isOpen = every(({ status }) => status !== 'revoked');
  return {
    assign: all.length === 1 && isInstance && isOpen && every(({ assignedTo }) => assignedTo === null),
    type: all.length === 1 && isInstance && every(({ assignedTo }) => assignedTo !== null),
    grant: all.length === 1 && isInstance,
    revoke: isInstance && every(({ assignedTo }) => assignedTo !== null),
    release: all.length === 1 && isInstance && every(({ user }) => user !== null),
    renew: isInstance && every(({ validUntil, kind }) => validUntil !== null && kind === 'commercial'),
    renewing: isInstance && every(({ validUntil }) => validUntil !== null),
    withdraw: isOpen,
    reinstate: every(({ status }) => status === 'revoked'),
  };
}

/** More than one act takes. */
function TooMany({ count }: { count: number }) {
  return count > AT_MOST ? <span>{p.value.licenses.selectTooMany(number(AT_MOST))}</span> : null;
}

/** Floats at the bottom: count first, then the acts that fit what is selected. */
export function SelectionBar({ live, selection, clear, done }: BarProps) {
  const [act, setAct] = useState<Act>();
  const words = p.value.licenses;
  const all = [...selection.values()];
  const fits = actsFor(all);
  const bulk = useBulk(live, all, done, clear);
  const finish = (isDone?: true) => {
    setAct(undefined);
    if (isDone) clear();
  };
  const button = (label: string, isFit: boolean, run: () => void) =>
    isFit && (
      <button type="button" class="button bare small" aria-disabled={bulk.busy} onClick={run}>
        {label}
      </button>
    );
  return (
    <div class="selection-bar" role="region" aria-label={words.selected(all.length)}>
      <span class="strong" role="status">
        {words.selected(all.length)}
      </span>
      <TooMany count={all.length} />
      {canChange.value && (
        <>
          {button(words.assign, fits.assign, () => setAct('assign'))}
          {button(b.value.changeType, fits.type, () => setAct('type'))}
          {button(b.value.grantUser, fits.grant, () => setAct('grant'))}
          {button(b.value.turnOn, fits.renewing, () => bulk.run('auto_renew'))}
          {button(b.value.turnOff, fits.renewing, () => bulk.run('no_auto_renew'))}
          {button(b.value.renew, fits.renew, () => setAct('renew'))}
          {button(words.revoke, fits.revoke, () => setAct('revoke'))}
          {button(b.value.release, fits.release, () => setAct('release'))}
          {fits.reinstate
            ? button(b.value.reinstate, true, () => bulk.run('reinstate'))
            : button(b.value.stop, fits.withdraw, () => setAct('withdraw'))}
        </>
      )}
      <button type="button" class="icon-button" onClick={clear}>
        <Icon name="close" label={s.value.dialog.close} />
      </button>
      <ProblemNote problem={bulk.problem} />
      {act === 'assign' && <AssignDialog live={live} license={all[0]!} close={finish} />}
      {act === 'type' && <ChangeTypeDialog live={live} license={all[0]!} close={finish} />}
      {act === 'grant' && <GrantUserDialog live={live} license={all[0]!} close={finish} />}
      {act === 'release' && <ReleaseUserDialog live={live} license={all[0]!} close={finish} />}
      {act === 'renew' && <RenewDialog live={live} licenses={all} close={finish} />}
      {(act === 'revoke' || act === 'withdraw') && (
        <TakeBackDialog
          live={live}
          licenses={all}
          action={act === 'revoke' ? 'release' : 'revoke'}
          close={finish}
          done={done}
        />
      )}
    </div>
  );
}

/** Acts that need no question, because one click puts them back. */
function useBulk(live: Live, rows: readonly LicenseRow[], done: BarProps['done'], clear: () => void) {
  const next = useRef<Bulk['action']>('auto_renew');
  const items = rows.map(({ id }) => ({ license: id }));
  const act = useAct(async () => {
    done(await runBulk(live, { action: next.current, items }));
    clear();
  });
  const run = (action: Bulk['action']) => {
    next.current = action;
    act.run();
  };
  return { ...act, run };
}
