// A process that does nothing, for comparison: between two messages it measures how late its event loop is, as whoever
// works beside it does. Tells the delays' p99.9 in ms.
import { monitorEventLoopDelay } from 'node:perf_hooks';

let delay;
process.on('message', () => {
  if (delay === undefined) {
    delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    process.send({});
  } else {
    delay.disable();
    process.send({ p999: delay.percentile(99.9) / 1e6 });
    delay = undefined;
  }
});
