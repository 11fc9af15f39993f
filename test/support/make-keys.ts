import { newKeyPair } from '../../packages/authority/src/keys/ed25519.js';
import { newDeviceKey } from '../../packages/sdk/src/machine/device-key.js';

/** Makes so many keys, of a device or of an authority, one after the other. */
const [maker, count] = process.argv.slice(2);
for (let made = 0; made < Number(count); made += 1)
  if (maker === 'device') newDeviceKey();
  else await newKeyPair();
console.log('made');
