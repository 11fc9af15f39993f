import { MessageChannel } from 'node:worker_threads';

/** Lets the event loop take a turn. By no timer: under the fake ones of a test runner none ever comes. */
export function nextTurn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.once('message', () => {
      port1.close();
      resolve();
    });
    port2.postMessage(null);
  });
}
