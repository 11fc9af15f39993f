/** Drawn on a 16 px grid with a stroke of 1.5. One path each. */
const PATHS = {
  activity: 'M1.5 8h3l2-5 3.5 10 2-5h2.5',
  alert: 'M8 2.5 14.5 13.5h-13ZM8 6.5v3M8 11.6v.1',
  arrow: 'M2.5 8h11M9.5 4l4 4-4 4',
  cart: 'M2 2.5h2l1.5 8h7l1.5-6H5M6.5 13.2v.1M11.5 13.2v.1',
  check: 'M3 8.5 6.5 12 13 4.5',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.8V8l2.2 1.6',
  close: 'M4 4l8 8M12 4l-8 8',
  cloud: 'M4.7 12.5a3 3 0 0 1-.4-6 4 4 0 0 1 7.6.8 2.6 2.6 0 0 1-.3 5.2Z',
  cluster:
    'M8 2.2a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2ZM3.4 10.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2ZM12.6 10.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2ZM7.2 5.2 4.2 10.6M8.8 5.2l3 5.4M5 12h6',
  copy: 'M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3',
  dots: 'M3.5 8v.1M8 8v.1M12.5 8v.1',
  down: 'M3.5 6 8 10.5 12.5 6',
  exchange: 'M2.5 5.5h10M9.5 2.5l3 3-3 3M13.5 10.5h-10M6.5 7.5l-3 3 3 3',
  fork: 'M4 2a1.4 1.4 0 1 0 0 2.8A1.4 1.4 0 0 0 4 2ZM12 2a1.4 1.4 0 1 0 0 2.8A1.4 1.4 0 0 0 12 2ZM8 11.2a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8ZM4 4.8c0 2.4 4 1.6 4 4.2v2.2M12 4.8c0 2.4-4 1.6-4 4.2',
  guest: 'M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11M5.5 8h5',
  home: 'M2.5 7.5 8 2.5l5.5 5M4 6.5v7h3v-4h2v4h3v-7',
  host: 'M1.8 4.5h12.4v7H1.8ZM4.2 8v.1M7 8h5',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 7.4v3.4M8 5.2v.1',
  key: 'M5 6.2a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6ZM7.3 8.5h7M12.2 8.5v2.3M14.2 8.5v1.8',
  layers: 'M8 2 14 5 8 8 2 5ZM2 8l6 3 6-3M2 11l6 3 6-3',
  license: 'M2 3.5h12v9H2ZM4.5 6.5H8M4.5 9h2.2M10.8 7.8v3.4',
  machine: 'M2.5 2.8h11v4.4h-11ZM2.5 8.8h11v4.4h-11ZM5 5v.1M5 11v.1',
  medium: 'M5 6.5h6v7H5ZM6.2 6.5v-4h3.6v4M8 9.2v1.6',
  minus: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM5.5 8h5',
  ok: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM5.4 8.2l1.9 1.9 3.4-3.9',
  pending: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2',
  plan: 'M4 2.2a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2ZM12 5.2a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2ZM4 10.6a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2ZM4 5.4v5.2M4 9c0-1.6 3-2.2 6.4-2.2',
  plus: 'M8 3v10M3 8h10',
  screen: 'M2 3h12v8H2ZM6 13.5h4M8 11v2.5',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4l3.4 3.4',
  settings:
    'M2 5h6M11.5 5H14M2 11h2.5M8 11h6M9.8 3.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6ZM6.2 9.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6Z',
  shield: 'M8 1.8 13.2 3.6V8c0 3-2.2 5.2-5.2 6.2C5 13.2 2.8 11 2.8 8V3.6ZM5.7 8l1.7 1.7 3-3.2',
  stop: 'M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5ZM5.2 8h5.6',
  unlink: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM3.9 3.9l8.2 8.2',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration beside a word; `label` only where it stands alone. */
export function Icon(props: { name: IconName; size?: 14 | 16; label?: string; class?: string }) {
  const { name, size = 16, label } = props;
  const named = label === undefined ? { 'aria-hidden': true as const } : { role: 'img' as const, 'aria-label': label };
  const isDashed = name === 'pending';
  return (
    <svg class={props.class} width={size} height={size} viewBox="0 0 16 16" fill="none" {...named}>
      <path
        d={PATHS[name]}
        stroke="currentColor"
        stroke-width={size === 14 ? 1.75 : 1.5}
        stroke-linecap="round"
        stroke-linejoin="round"
        {...(isDashed ? { 'stroke-dasharray': '2.4 2.3' } : {})}
      />
    </svg>
  );
}

export function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="5.5" fill="currentColor" />
      <path
        d="M8 6.2v11.6h8.6M12.4 6.2v7h4.2"
        fill="none"
        stroke="var(--page)"
        stroke-width="2.1"
        stroke-linecap="square"
      />
    </svg>
  );
}
