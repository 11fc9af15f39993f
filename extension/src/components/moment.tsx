import { exact } from '../texts/format.js';

/** A date or instant in the reader's words; the exact one for the pointer and for machines. */
export function Moment(props: { at: string | number; children: string; class?: string }) {
  const iso = typeof props.at === 'number' ? new Date(props.at).toISOString() : props.at;
  return (
    <time class={props.class} dateTime={iso} title={exact(props.at)}>
      {props.children}
    </time>
  );
}
