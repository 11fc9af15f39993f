import { Type } from '@sinclair/typebox';
import { Cals, Count, Day, DecisionMessage, Id, Instant, Name, nullable, oneOf } from './common.js';

/** Buying: what is ordered, what it costs, how it is paid. Amounts are whole numbers of the currency's smallest unit. */
const DryRun = Type.Optional(Type.Boolean());
const Amount = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 });
const Currency = Type.String({ pattern: '^[a-z]{3}$' });
const Mode = oneOf(['monthly', 'annual']);
const Periods = Type.Integer({ minimum: 1, maximum: 60 });
/** What the seller's books call a payment or a refund. */
const Reference = Type.String({ minLength: 1, maxLength: 200 });

/** `item` as in the price list: `license:server` (of an instance), `machine:virtual` (of machines or hosts),
 * `pool:OEM:obm` (client access licenses), `maintenance:obm`, `premium_support`, `onboarding`. */
export const OrderLine = Type.Object({
  item: Id,
  quantity: Count,
  /** Months or years, by the payment mode; 1 for what is paid once. */
  periods: Count,
  unitAmount: nullable(Amount),
  amount: nullable(Amount),
});

/** One order. `fulfilledAt` is when its licenses were there: with the payment, but at once where nothing is to be paid and
 * where the daily run renewed. `attention` is what a person has to look at. */
export const OrderRow = Type.Object({
  id: Id,
  /** Counts up from 1, for invoices. */
  number: Count,
  kind: oneOf(['licenses', 'renewal', 'maintenance', 'trial']),
  status: oneOf(['open', 'paid', 'void', 'refunded']),
  /** Made by the daily run for licenses that renew themselves. */
  automatic: Type.Boolean(),
  companyId: nullable(Id),
  companyName: nullable(Name),
  paymentMode: nullable(Mode),
  lines: Type.Array(OrderLine, { maxItems: 100 }),
  currency: nullable(Currency),
  /** Null where the price list does not name every line: the invoice says it. */
  total: nullable(Amount),
  refunded: Amount,
  createdAt: Instant,
  dueDay: Day,
  fulfilledAt: nullable(Instant),
  paidAt: nullable(Instant),
  paidBy: nullable(oneOf(['invoice', 'stripe', 'nothing_due'])),
  reference: nullable(Reference),
  payUrl: nullable(Type.String({ maxLength: 2000 })),
  payUntil: nullable(Instant),
  attention: nullable(oneOf(['amount_differs', 'paid_after_void', 'paid_twice', 'partly_refunded', 'not_taken_back'])),
  /** The first licenses that it brings, renews or maintains; `licenseCount` says how many there are. */
  licenses: Type.Array(Id, { maxItems: 20 }),
  licenseCount: Count,
});
export const OrderPage = Type.Object({
  rows: Type.Array(OrderRow, { maxItems: 500 }),
  next: nullable(Id),
  total: Count,
  /** What each state would leave, with the other filters kept. */
  counts: Type.Optional(Type.Record(Type.String(), Count)),
});

/** Buy New Licenses (MSP-9). Quantity, add-ons and payment mode are judged by the rules, not by the schema, so that a
 * refusal names its rule. The dry run answers lines, total and last day in `decision.value`. */
export const OrderCreate = Type.Object({
  /** What is licensed: instances (`msp`, by default), machines and hosts (`aip`), pools (`lmp`). */
  profile: Type.Optional(oneOf(['msp', 'aip', 'lmp'])),
  /** A license type of instances; an edition; `OEM` or `Standard`. */
  type: Id,
  /** Of machines and hosts alone. What is perpetual is paid once. */
  term: Type.Optional(nullable(oneOf(['subscription', 'perpetual']))),
  /** Of pools alone: the client access licenses that each license brings. `periods` are years of maintenance then. */
  cals: Type.Optional(nullable(Cals)),
  /** Left out: of instances as many as are missing today (MSP-5), else one. */
  quantity: Type.Optional(Type.Number()),
  periods: Type.Optional(Periods),
  companyId: Type.Optional(nullable(Id)),
  addOns: Type.Optional(Type.Array(Id, { maxItems: 20 })),
  /** Chosen with the first purchase (MSP-11); afterwards it may be left out. */
  paymentMode: Type.Optional(nullable(Mode)),
  /** Whether the licenses renew themselves; they do by default. */
  autoRenew: Type.Optional(Type.Boolean()),
  dryRun: DryRun,
});
/** Trial licenses of a type, once for each type and company. */
export const TrialRequest = Type.Object({
  profile: Type.Optional(oneOf(['msp', 'aip'])),
  type: Id,
  quantity: Type.Number(),
  companyId: Type.Optional(nullable(Id)),
  dryRun: DryRun,
});
/** Renews licenses of instances and machines by whole periods, from their last day or, where that is over, from today. */
export const RenewalCreate = Type.Object({
  licenses: Type.Array(Id, { minItems: 1, maxItems: 1000 }),
  periods: Type.Optional(Periods),
  dryRun: DryRun,
});
/** Maintenance of a pool license up to a later day (F-11): ordered, or set at once by an owner. */
export const MaintenanceSet = Type.Object({ until: Day, dryRun: DryRun });

export const OrderPaid = Type.Object({ reference: Type.Optional(Reference), dryRun: DryRun });
export const OrderRefund = Type.Object({ reference: Type.Optional(Reference), dryRun: DryRun });
/** Where an order is paid; `until` null: as long as it is open. */
export const PayLink = Type.Object({ order: Id, url: Type.String({ maxLength: 2000 }), until: nullable(Instant) });

const PriceRow = Type.Object({
  item: Id,
  /** What the amount is for: a month, a year, or once. */
  per: oneOf(['month', 'year', 'once']),
  amount: Amount,
});
export const PriceList = Type.Object({
  currency: nullable(Currency),
  prices: Type.Array(PriceRow, { maxItems: 500 }),
});
/** Replaces the price list. Orders that are there keep their amounts. */
export const PricesSet = Type.Object({
  currency: Currency,
  prices: Type.Array(PriceRow, { maxItems: 500 }),
  dryRun: DryRun,
});

/** A license key for each of these licenses, in place of the one it had. */
export const LicenseKeysIssue = Type.Object({
  licenses: Type.Array(Id, { minItems: 1, maxItems: 1000 }),
  dryRun: DryRun,
});
/** The license keys are shown this once. */
export const LicenseKeysIssued = Type.Object({
  epoch: Count,
  seq: Count,
  decision: DecisionMessage,
  dryRun: Type.Boolean(),
  licenses: Type.Array(Type.Object({ id: Id, licenseKey: Type.String({ maxLength: 64 }) }), { maxItems: 1000 }),
});

/** What a payment service tells: signed by it, read as it says. */
export const PaymentEvent = Type.Object({});
export const PaymentEventReply = Type.Object({ received: Type.Boolean() });
