/** For a relay: what a server can lend of its own license, and the primitives that its seals are made and checked with. */
export { ed25519 } from './trust/ed25519.js';
export { handOn, lendingOf } from './lending.js';
export type { Lending } from './lending.js';
export { keyId } from './trust/trust.js';
