import type { Order } from '../../model/buying.js';
import { now } from '../../model/clock.js';
import { GOODS, type Goods } from '../../model/licenses.js';
import type { b } from '../../texts/buying.js';

export type Mode = keyof typeof b.value.modes;

/** Client access licenses that a pool license can bring. */
export const CALS = ['obm', 'acb'] as const;
export const COUNT = /^[1-9]\d{0,5}$/;

/** What the form was opened for. */
export interface Asked {
  readonly goods: Goods;
  readonly type: string;
  /** Filled in by a plan; else what is required. */
  readonly quantity?: number | undefined;
}

/** What stands in the form. */
export interface Wish {
  readonly goods: Goods;
  readonly term: 'subscription' | 'perpetual';
  readonly cals: Readonly<Record<string, string>>;
  readonly type: string;
  readonly company: string;
  /** Undefined until somebody typed: then what is required stands there. */
  readonly typed: string | undefined;
  /** Until when what is required is counted (MSP-5). */
  readonly until: string;
  /** Empty until somebody chose one. */
  readonly mode: Mode | '';
  readonly addOns: readonly string[];
  readonly autoRenew: boolean;
}

/** What is perpetual, and a pool license, is paid once. */
export const isOnce = ({ goods, term }: Wish): boolean => goods === 'lmp' || (goods === 'aip' && term === 'perpetual');

export function orderOf(wish: Wish, quantity: string): Order {
  const { goods, type, term, cals, company, mode, addOns, autoRenew } = wish;
  const common = { profile: goods, type, quantity: Number(quantity), addOns: [...addOns] };
  if (goods === 'lmp') {
    return { ...common, cals: Object.fromEntries(CALS.map((cal) => [cal, Number(cals[cal] ?? 0)])) };
  }
  const more = mode === '' || isOnce(wish) ? {} : { paymentMode: mode };
  return { ...common, ...(goods === 'aip' ? { term } : { autoRenew }), companyId: company || null, ...more };
}

export function wishFor({ goods, type, quantity }: Asked): Wish {
  return {
    goods,
    type: type || (GOODS[goods][0] ?? ''),
    term: 'subscription',
    cals: {},
    company: '',
    typed: quantity === undefined ? undefined : String(quantity),
    until: new Date(now.value + 365 * 86_400_000).toISOString().slice(0, 10),
    mode: '',
    addOns: [],
    autoRenew: true,
  };
}
