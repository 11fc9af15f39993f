import { advise } from '@leasehold/terms';
import type { Command } from '../command.js';
import { answerCases, CASES_NOTES } from '../cases.js';

export const command: Command = {
  args: ['FILE'],
  notes: [...CASES_NOTES, 'Adds "plan": ordered steps with the licenses to buy, move or assign, each with its rule.'],
  run: ({ args: [file = ''] }, io) => answerCases(file, io, ({ facts, request }) => advise(facts, request)),
};
