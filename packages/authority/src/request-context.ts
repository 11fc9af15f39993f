import type { RouteName } from '@leasehold/protocol';
import type { Caller } from './access.js';

/** What the server keeps with a request on its way: the bytes of its body, who calls, and the one reading of the clock. */
declare module 'node:http' {
  interface IncomingMessage {
    rawBody?: Buffer;
  }
}
declare module 'fastify' {
  interface FastifyRequest {
    admitted: { readonly now: number; readonly caller: Caller };
  }
  interface FastifyContextConfig {
    name?: RouteName;
  }
}
