import type { Judges } from '../kinds.js';
import { assignKinds, type AssignParams } from './assign.js';
import { consoleKinds, type ConsoleParams } from './console.js';
import { coverKinds, type CoverParams } from './cover.js';

/** Rule kinds of this folder: kind → the parameters its rows hold. */
export interface InstanceParams extends AssignParams, ConsoleParams, CoverParams {}

export const instanceKinds: Judges<InstanceParams> = { ...assignKinds, ...consoleKinds, ...coverKinds };
