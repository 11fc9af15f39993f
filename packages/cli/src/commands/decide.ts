import { decide } from '@leasehold/terms';
import type { Command } from '../command.js';
import { answerCases, CASES_NOTES } from '../cases.js';

export const command: Command = {
  args: ['FILE'],
  notes: CASES_NOTES,
  run: ({ args: [file = ''] }, io) => answerCases(file, io, ({ facts, request }) => decide(facts, request)),
};
