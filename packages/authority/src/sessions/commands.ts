import { beatSession } from './beat.js';
import { endSession } from './end.js';
import { startSession } from './start.js';
import { fetchVoucher } from './voucher.js';

/** What a technician's device may ask of its session. */
export const sessionCommands = { startSession, beatSession, endSession, fetchVoucher };
