import type { PoolType } from '@leasehold/terms';

/** Columns of `pool_licenses`, `license_pools` and `pool_keys`. */
export interface PoolLicenseColumns {
  readonly account: string;
  readonly id: string;
  readonly type: PoolType;
  readonly purchase: 'purchased' | 'metered';
  readonly state: 'poolable' | 'pooled';
  readonly free_upgrade_until: string;
  readonly applied_to: string | null;
  readonly pooled_at: number | null;
}

export interface PoolColumns {
  readonly account: string;
  readonly id: string;
  readonly name: string;
  readonly type: PoolType;
}

export interface PoolKeyColumns {
  readonly account: string;
  readonly id: string;
  readonly pool_id: string;
  readonly licensee_name: string;
  readonly status: 'not_in_use' | 'in_use';
  readonly server_id: string | null;
  readonly last_check_at: number | null;
  readonly created_at: number;
  /** JSON of Cals, or null. */
  readonly fetched: string | null;
  /** From when its lease is not renewed any more (F-12). */
  readonly stopped_at: number | null;
}
