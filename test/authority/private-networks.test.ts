import { expect, test } from 'vitest';
import { isPrivate } from '../../packages/authority/src/delivery/private-networks.js';

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['169.254.169.254', true],
  ['::1', true],
  ['::ffff:192.168.0.1', true],
  ['fd00::1', true],
  ['93.184.216.34', false],
  ['2606:2800:220:1::1', false],
])('%s is private: %s', (address, expected) => expect(isPrivate(address)).toBe(expected));
