import { freshId, pageOf, type Handler } from '../call.js';
import type { orderCommands } from '../orders/commands.js';
import { changed, param } from './change.js';

type OrderRoute = keyof typeof orderCommands | 'orders' | 'order' | 'prices';

/** Buying, renewing and paying. */
export const orderHandlers: { readonly [R in OrderRoute]: Handler<R> } = {
  orders: (call) => {
    const { status = null, company = null, kind = null } = call.query;
    return call.services.store.read('orders', { ...pageOf(call), status, company, kind });
  },
  order: (call) => {
    const { store, account } = call.services;
    return store.read('order', { account, order: param(call, 'order') });
  },
  prices: ({ services: { store, account } }) => store.read('prices', { account }),
  pricesSet: (call) => changed(call, 'pricesSet', { currency: call.body.currency, prices: call.body.prices }),
  orderCreate: (call) => {
    const {
      type,
      quantity,
      periods = 1,
      companyId = null,
      addOns = [],
      paymentMode = null,
      autoRenew = true,
    } = call.body;
    const order = { type, quantity, periods, companyId, addOns, paymentMode, autoRenew };
    return changed(call, 'orderCreate', { id: freshId(call, 'ord'), ...order });
  },
  trialRequest: (call) => {
    const { type, quantity, companyId = null } = call.body;
    return changed(call, 'trialRequest', { id: freshId(call, 'ord'), type, quantity, companyId });
  },
  renewalCreate: (call) => {
    const { licenses, periods = 1 } = call.body;
    return changed(call, 'renewalCreate', { id: freshId(call, 'ord'), licenses, periods });
  },
  maintenanceOrder: (call) => {
    const { until } = call.body;
    return changed(call, 'maintenanceOrder', { id: freshId(call, 'ord'), license: param(call, 'license'), until });
  },
  maintenanceRenew: (call) => {
    return changed(call, 'maintenanceRenew', { license: param(call, 'license'), until: call.body.until });
  },
  orderPay: (call) => changed(call, 'orderPay', { order: param(call, 'order'), reference: call.body.reference }),
  orderVoid: (call) => changed(call, 'orderVoid', { order: param(call, 'order') }),
  orderRefund: (call) => changed(call, 'orderRefund', { order: param(call, 'order'), reference: call.body.reference }),
};
