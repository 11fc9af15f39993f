/** The door for those who validate with schemas: the authority and the build. Everyone else uses the guards. */
export * as schemas from './messages/index.js';
