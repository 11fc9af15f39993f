import { decide } from '@leasehold/terms';
import type { Command } from '../command.js';
import { answerCases, CASES_NOTES, CASES_OPTIONS } from '../cases.js';

export const command: Command = {
  args: ['FILE'],
  options: CASES_OPTIONS,
  notes: CASES_NOTES,
  run: (given, io) =>
    answerCases(given, io, ({ facts, request }, catalog) => ({ decision: decide(facts, request, catalog) })),
};
