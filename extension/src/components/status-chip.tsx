import { Icon, type IconName } from './icon.js';

export type Tone = 'ok' | 'attention' | 'stop' | 'plain' | 'muted';

export const SHAPES: Record<Tone, IconName> = {
  ok: 'ok',
  attention: 'alert',
  stop: 'stop',
  plain: 'ok',
  muted: 'minus',
};

/** Icon, then word, then how long. The shape says the tone too: ring, triangle, octagon. Only attention and stop have a
 * tint, so that a healthy table is quiet. */
export function StatusChip(props: {
  tone: Tone;
  word: string;
  rest?: string | undefined;
  icon?: IconName;
  title?: string;
}) {
  const { tone, word, rest, icon = SHAPES[tone] } = props;
  const isTinted = tone === 'attention' || tone === 'stop';
  const quiet = tone === 'ok' ? 'plain' : tone;
  return (
    <span class={`chip ${isTinted ? `${tone} tinted` : quiet}`} title={props.title}>
      <Icon name={icon} size={14} class={tone === 'ok' ? 'ok' : ''} />
      <span class="words">{rest === undefined ? word : `${word} · ${rest}`}</span>
    </span>
  );
}
