export { main, terminal } from './main.js';
export type { Io } from './command.js';
