export { openRelay } from './relay.js';
export type { Relay, RelayClient, RelayOptions } from './relay.js';
