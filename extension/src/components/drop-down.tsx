import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icon.js';
import { useOutside } from './use-outside.js';

/** A button with more below it, until it is clicked again or somewhere else is. */
export function DropDown({ label, children }: { label: string; children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  const ref = useOutside(isOpen, () => setOpen(false));
  return (
    <div class="drop-down" ref={ref}>
      <button type="button" class="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {label}
        <Icon name="down" size={14} />
      </button>
      {isOpen && (
        <fieldset class="menu">
          <legend class="sr-only">{label}</legend>
          {children}
        </fieldset>
      )}
    </div>
  );
}
