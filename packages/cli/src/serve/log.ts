import type { LogLine } from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { pino } from 'pino';
import type { Io } from '../command.js';
import type { Effective } from './settings.js';

const LEVELS = ['info', 'warn', 'error', 'silent'];

/** What never belongs into a log, should a line ever bring it: lines are made of words, numbers and ids alone. */
const SECRETS = [
  'token',
  'key',
  'licenseKey',
  'secret',
  'password',
  'pin',
  'authorization',
  'components',
  'headers',
  'body',
];

/** Writes structured lines from a level on, one JSON object a line. @throws LeaseholdError OPTIONS_INVALID */
export function logger(io: Io, { value: level, from }: Effective): (line: LogLine) => void {
  if (!LEVELS.includes(level)) {
    throw new LeaseholdError('OPTIONS_INVALID', `"${level}" is no level of a log.`, {
      path: from,
      remedy: `Write one of ${LEVELS.join(', ')}.`,
    });
  }
  const options = {
    level,
    base: null,
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRETS, censor: '[redacted]' },
  };
  const target = pino(options, { write: (text: string) => io.err(text.trimEnd()) });
  return ({ level: rank, ...line }) => target[rank](line);
}
