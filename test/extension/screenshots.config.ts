import { mergeConfig } from 'vitest/config';
import base from '../vitest.config.js';

/** Takes the console's pictures: `node scripts/screenshots.mjs`. */
const config = mergeConfig(base, { test: { testTimeout: 900_000 } });
config.test!.include = ['test/extension/screenshots.ts'];
export default config;
