import { useId } from 'preact/hooks';

interface QuotaProps {
  readonly quota: number;
  readonly used: number;
  /** Given away but not used. */
  readonly reserved?: number;
  readonly width?: number | string;
  /** The same in words; the figures stand beside the bar. */
  readonly label: string;
}

/** Used, reserved, free from the left. What is over begins behind a tick at the quota's end and is the only colored
 * part. */
export function QuotaBar({ quota, used, reserved = 0, width = '100%', label }: QuotaProps) {
  const hatch = useId();
  const whole = Math.max(quota, used + reserved, 1);
  const share = (value: number) => `${(Math.max(0, value) / whole) * 100}%`;
  const within = Math.min(used, quota);
  const over = Math.max(0, used - quota);
  return (
    <svg class="quota-bar" width={width} height={12} role="img" aria-label={label}>
      <title>{label}</title>
      <defs>
        <pattern id={hatch} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2" height="4" fill="var(--bar-reserved)" />
        </pattern>
      </defs>
      <rect y="2" width="100%" height="8" rx="2" fill="var(--bar-free)" stroke="var(--bar-edge, none)" />
      <rect y="2" width={share(within)} height="8" rx="2" fill="var(--bar-used)" />
      {reserved > 0 && <rect x={share(within)} y="2" width={share(reserved)} height="8" fill={`url(#${hatch})`} />}
      {over > 0 && (
        <>
          <rect x={share(quota)} y="2" width={share(over)} height="8" rx="2" fill="var(--stop)" />
          <rect x={share(quota)} width="2" height="12" fill="var(--ink)" />
        </>
      )}
    </svg>
  );
}
