export * from './admin.js';
export * from './agent.js';
export * from './claims.js';
export * from './console.js';
export * from './usage.js';
export * from './native.js';
export * from './machines.js';
export * from './orders.js';
