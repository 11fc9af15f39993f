import process from 'node:process';

/** A process that tells what importing the SDK left behind in it. */
const before = {
  environment: Object.keys(process.env),
  globals: Object.getOwnPropertyNames(globalThis),
  handles: process.getActiveResourcesInfo().length,
  listeners: process.eventNames().map((name) => [name, process.listenerCount(name)].join()),
};
await import('@leasehold/sdk');
const added = <T>(now: readonly T[], then: readonly T[]): T[] => now.filter((one) => !then.includes(one));
process.send?.({
  environment: added(Object.keys(process.env), before.environment),
  globals: added(Object.getOwnPropertyNames(globalThis), before.globals),
  handles: process.getActiveResourcesInfo().slice(before.handles),
  listeners: added(
    process.eventNames().map((name) => [name, process.listenerCount(name)].join()),
    before.listeners,
  ),
  undici: Object.getOwnPropertySymbols(globalThis).some((symbol) => String(symbol).includes('undici.globalDispatcher')),
});
