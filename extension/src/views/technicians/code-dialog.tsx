import { CopyBox } from '../../components/copyable.js';
import { Dialog } from '../../components/dialog.js';
import { d } from '../../texts/decide.js';
import { s } from '../../texts/shell.js';

/** A code to be read aloud, shown this once. */
export function CodeDialog({ of, code, close }: { of: string; code: string; close: () => void }) {
  const title = d.value.codeFor(of);
  return (
    <Dialog title={title} lead={d.value.codeSub} close={close}>
      <div class="dialog-body spoken" role="status">
        <CopyBox text={code} label={title} />
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>
          {s.value.dialog.close}
        </button>
      </div>
    </Dialog>
  );
}
