import { expect, test } from 'vitest';
import { isPrivate } from '../../packages/authority/src/delivery/private-networks.js';

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['169.254.169.254', true],
  ['::1', true],
  ['::ffff:192.168.0.1', true],
  ['fd00::1', true],
  ['::ffff:a9fe:a9fe', true],
  ['::7f00:1', true],
  ['::ffff:0:7f00:1', true],
  ['64:ff9b:1::7f00:1', true],
  ['2001:0:7f00:1::', true],
  ['2002:7f00:1::', true],
  ['fec0::1', true],
  ['93.184.216.34', false],
  ['2001:4860:4860::8888', false],
  ['2606:2800:220:1::1', false],
])('%s is private: %s', (address, expected) => expect(isPrivate(address)).toBe(expected));
