import type { Migration } from './migration.js';

/** Where activations of the same machine meet: see instances/turn.ts. */
export const activationTurns: Migration = {
  id: 11,
  name: 'activation-turns',
  statements: [
    'CREATE TABLE activation_turns (account text NOT NULL, bucket text NOT NULL, PRIMARY KEY (account, bucket))',
  ],
};
