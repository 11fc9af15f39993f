import { writeSync } from 'node:fs';

/** Writes to this process's output at once, without a buffer of its own: what a killed process told was so. A pipe whose
 * reader is behind takes nothing for a moment (EAGAIN); a line this short goes whole or not at all (pipe(7)). */
export function tell(text: string): void {
  for (;;) {
    try {
      writeSync(1, text);
      return;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
