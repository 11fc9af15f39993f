import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { lp } from '../texts/pools.js';
import { s } from '../texts/shell.js';
import { Icon, type IconName } from './icon.js';
import { ProblemNote } from './problem.js';
import { useAct } from './use-act.js';
import { discardDraft } from './use-draft.js';

interface DialogProps {
  readonly title: string;
  readonly lead?: string;
  /** Told where it closes because it is done. */
  readonly close: (isDone?: true) => void;
  readonly children: ComponentChildren;
}

/** The browser's own modal dialog: it keeps the focus inside and closes by Escape. However it is closed, the focus goes
 * back to where it came from, or to the page's title where that is gone. */
export function Dialog({ title, lead, close, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // At once, while what opened it has the focus still.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    ref.current?.showModal();
    // Outside of it nothing takes the focus before it has left the page.
    return () => queueMicrotask(() => giveBack(opener));
  }, []);
  return (
    <dialog class="dialog" ref={ref} aria-labelledby={id} onClose={() => close()}>
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        {lead !== undefined && <p class="soft">{lead}</p>}
      </div>
      {children}
    </dialog>
  );
}

function giveBack(opener: Element | null): void {
  const title = document.querySelector('#content h1');
  const to = opener?.isConnected === true && opener !== document.body ? opener : title;
  if (to instanceof HTMLElement) to.focus();
}

export interface FormProps extends Omit<DialogProps, 'children'> {
  /** The button repeats the act; never OK. */
  readonly act: string;
  readonly danger?: boolean;
  /** False while something is still to be given. */
  readonly ready: boolean;
  readonly run: () => Promise<void>;
  /** The form's name, where what stands in it is kept until it was sent or canceled. */
  readonly draft?: string;
  /** It shows what came out instead of closing. */
  readonly keepOpen?: boolean;
  readonly children?: ComponentChildren;
}

/** A dialog that does something. It stays open with the reason when it was refused. */
export function FormDialog({
  act,
  danger = false,
  ready,
  run,
  draft,
  keepOpen = false,
  close,
  children,
  ...head
}: FormProps) {
  const forget = () => draft !== undefined && discardDraft(draft);
  const {
    busy,
    problem,
    run: start,
  } = useAct(async () => {
    await run();
    forget();
    if (!keepOpen) close(true);
  });
  return (
    <Dialog {...head} close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) start();
        }}
      >
        {children !== undefined && <div class="dialog-body">{children}</div>}
        {problem !== undefined && (
          <div class="dialog-body">
            <ProblemNote problem={problem} />
          </div>
        )}
        <div class="saving-line" data-on={busy} />
        <div class="dialog-foot">
          <button
            type="button"
            class="button"
            onClick={() => {
              forget();
              close();
            }}
          >
            {s.value.dialog.cancel}
          </button>
          <button
            type="submit"
            class={`button ${danger ? 'danger' : 'primary'}`}
            disabled={!ready}
            aria-disabled={busy}
          >
            {busy ? s.value.dialog.saving : act}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export interface Consequence {
  readonly icon: IconName;
  readonly tone?: 'attention';
  readonly title: string;
  readonly body: string;
}

/** What will be, before it can be pressed. */
export function Consequences({ all }: { all: readonly Consequence[] }) {
  return (
    <ul class="consequences">
      {all.map(({ icon, tone, title, body }) => (
        <li key={title}>
          <Icon name={icon} class={tone ?? 'soft'} />
          <div>
            <p class="strong">{title}</p>
            <p class="soft">{body}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

export interface Confirmation {
  /** What cannot be undone asks for the name. */
  readonly name?: string | undefined;
  /** A date made worse has its own checkbox. */
  readonly checkbox?: string | undefined;
}

/** @returns whether all is given that is asked for, and the fields for it */
export function useConfirmation({ name, checkbox }: Confirmation): readonly [boolean, ComponentChildren] {
  // Given anew each time: what was typed to be sure is no draft.
  const [typed, setTyped] = useState('');
  const [isChecked, setChecked] = useState(false);
  const isNamed = name === undefined || typed.trim() === name;
  const id = useId();
  const fields = (
    <>
      {checkbox !== undefined && (
        <label class="check">
          <input type="checkbox" checked={isChecked} onChange={(event) => setChecked(event.currentTarget.checked)} />
          {checkbox}
        </label>
      )}
      {name !== undefined && (
        <div class="field">
          <label for={id}>{lp.value.convertName}</label>
          <div class="input-with-mark">
            <input
              id={id}
              class="input mono"
              value={typed}
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
            {isNamed && <Icon name="ok" class="ok" label={lp.value.fits} />}
          </div>
        </div>
      )}
    </>
  );
  return [isNamed && (checkbox === undefined || isChecked), fields];
}

interface ConfirmProps extends Omit<FormProps, 'ready' | 'danger' | 'children'> {
  readonly consequences: readonly Consequence[];
}

/** What an act does that the authority is not asked about: it can be put back, or only this browser is concerned. */
export function ConfirmDialog({ consequences, ...form }: ConfirmProps) {
  return (
    <FormDialog {...form} danger ready>
      <Consequences all={consequences} />
    </FormDialog>
  );
}
