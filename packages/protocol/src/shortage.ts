/** What a system call lacked that has nothing to do with the path or the peer that it was for. */
export type ShortageReason = 'too_many_files' | 'too_many_files_on_system' | 'out_of_memory';

interface Shortage {
  readonly reason: ShortageReason;
  readonly message: string;
  readonly remedy: string;
}

const OUT_OF_MEMORY: Shortage = {
  reason: 'out_of_memory',
  message: 'The system has no memory left',
  remedy: 'Free memory, or raise the limit of this service; what failed is tried again.',
};

const SHORTAGES: Readonly<Record<string, Shortage>> = {
  EMFILE: {
    reason: 'too_many_files',
    message: 'This process has too many files open',
    remedy:
      'Raise its limit (`ulimit -n`, LimitNOFILE of systemd), or close what it leaves open; what failed is tried again.',
  },
  ENFILE: {
    reason: 'too_many_files_on_system',
    message: 'This system has too many files open',
    remedy: 'Raise its limit (fs.file-max on Linux), or end what holds so many; what failed is tried again.',
  },
  ENOMEM: OUT_OF_MEMORY,
  ENOBUFS: OUT_OF_MEMORY,
};

/** By the system's code of an error; undefined for any other error. */
export function shortageOf(code: string): Shortage | undefined {
  return Object.hasOwn(SHORTAGES, code) ? SHORTAGES[code] : undefined;
}
