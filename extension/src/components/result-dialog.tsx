import type { ComponentChildren } from 'preact';
import { s } from '../texts/shell.js';
import { CopyBox } from './copyable.js';
import { Dialog } from './dialog.js';

interface Props {
  readonly title: string;
  readonly lead: string;
  /** What came out. */
  readonly text: string;
  readonly isSpoken?: boolean;
  readonly close: () => void;
  readonly children?: ComponentChildren;
}

/** What an act made, to be taken along: a key or a code is shown this once. */
export function ResultDialog({ title, lead, text, isSpoken = false, close, children }: Props) {
  return (
    <Dialog title={title} lead={lead} close={close}>
      <div class={`dialog-body ${isSpoken ? 'spoken' : ''}`} role="status">
        <CopyBox text={text} label={title} />
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>
          {s.value.dialog.close}
        </button>
        {children}
      </div>
    </Dialog>
  );
}
