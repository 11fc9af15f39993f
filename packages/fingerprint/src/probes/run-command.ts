/** Runs a program of the system and answers what it printed; rejects where it fails. */
export type Run = (program: string, args: readonly string[]) => Promise<string>;

/** Where nothing tells a system's facts but a program. Linux never comes here; so neither does the module. Milliseconds. */
const TIMEOUT = 3000;

export const runCommand: Run = async (program, args) => {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT, windowsHide: true, maxBuffer: 1_048_576, encoding: 'utf8' } as const;
    execFile(program, [...args], options, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
};
