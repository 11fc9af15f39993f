/** No timer waits for longer. Milliseconds. */
const LONG = 2 ** 31 - 1;

/** Keeps the process alive while somebody waits for `work`. The sockets and timers that the work goes by never do: what is
 * under way by itself must not hold a program that has nothing left to do. */
export async function keepAlive<T>(work: Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, LONG);
  try {
    return await work;
  } finally {
    clearInterval(hold);
  }
}
