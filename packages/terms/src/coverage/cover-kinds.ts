import type { CoverJudges } from '../kinds.js';
import { guestCovers, type GuestParams } from './guests.js';
import { machineCovers, type MachineParams } from './machines.js';

export interface CoverageCoverParams extends GuestParams, MachineParams {}

export const coverKinds: CoverJudges<CoverageCoverParams> = { ...guestCovers, ...machineCovers };
