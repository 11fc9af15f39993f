import type { RouteName } from '@leasehold/protocol';
import type { Handler } from '../serving/call.js';
import type { GuessLimit } from '../serving/guess-limit.js';
import type { FileRoute } from '../serving/answering.js';
import { adminHandlers } from './admin.js';
import { agentHandlers } from './agents.js';
import { catalogHandlers } from './catalogs.js';
import { consoleHandlers } from './console.js';
import { machineHandlers } from './machines.js';
import { orderHandlers } from './orders.js';
import { companyHandlers } from './companies.js';
import { licenseHandlers } from './licenses.js';
import { deliveryHandlers } from './deliveries.js';
import { enrollmentHandlers } from './enrollment.js';
import { exchangeHandlers } from './exchange.js';
import { sessionHandlers } from './sessions.js';
import { technicianHandlers } from './technicians.js';
import { usageHandlers } from './usage.js';

/** Every route but the feed, which is a stream, has one handler; a row without one does not compile. */
export type Handlers = { readonly [R in Exclude<RouteName, 'feed' | FileRoute>]: Handler<R> };

/** All of them. Wrong keys and codes are counted together. */
export function handlersOf(guesses: GuessLimit): Handlers {
  return {
    ...consoleHandlers,
    ...adminHandlers,
    ...catalogHandlers,
    ...usageHandlers,
    ...deliveryHandlers,
    ...enrollmentHandlers,
    ...exchangeHandlers,
    ...machineHandlers,
    ...orderHandlers,
    ...companyHandlers,
    ...licenseHandlers,
    ...agentHandlers(guesses),
    ...sessionHandlers(guesses),
    ...technicianHandlers(guesses),
  };
}
