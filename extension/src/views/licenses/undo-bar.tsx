import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../components/icon.js';
import { ProblemNote } from '../../components/problem.js';
import { useAct } from '../../components/use-act.js';
import { runBulk, type Bulk } from '../../model/bulk.js';
import type { Live } from '../../model/live.js';
import { b } from '../../texts/buying.js';
import { s } from '../../texts/shell.js';

interface UndoProps {
  readonly live: Live;
  readonly undo: Bulk | null;
  readonly close: () => void;
}

/** What was just done to many, and the way back. It stays until it is used or closed. */
export function UndoBar({ live, undo, close }: UndoProps) {
  const count = undo?.items.length ?? 0;
  const way = useRef<HTMLButtonElement>(null);
  // What was pressed is gone, and the focus with it.
  useEffect(() => way.current?.focus(), []);
  const act = useAct(async () => {
    if (undo !== null) await runBulk(live, undo);
    close();
  });
  return (
    <div class="selection-bar" role="region" aria-label={b.value.done(count)}>
      <span class="strong" role="status">
        {b.value.done(count)}
      </span>
      {undo !== null && (
        <button ref={way} type="button" class="button bare small link-like" aria-disabled={act.busy} onClick={act.run}>
          {b.value.undo}
        </button>
      )}
      <button type="button" class="icon-button" onClick={close}>
        <Icon name="close" label={s.value.dialog.close} />
      </button>
      <ProblemNote problem={act.problem} />
    </div>
  );
}
