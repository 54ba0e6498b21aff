import { expect, test } from '@jest/globals';
import { isPublicAddress, resolvePublicHost } from '../../src/messaging/providers/public-address.js';

test.each(['8.8.8.8', '203.162.0.181', '2001:4860:4860::8888'])('%s is on the internet', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.1',
  '240.0.0.1',
  '::',
  '::1',
  'fe80::1',
  'fd00:ec2::254',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
  '2002:a00:1::',
  'localhost',
  '',
])('"%s" is not called for a merchant (faults)', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test('a name that leads to a private address is refused, an address is taken as it is (faults)', async () => {
  await expect(resolvePublicHost('localhost')).rejects.toThrow('public internet');
  await expect(resolvePublicHost('[::1]')).rejects.toThrow('public internet');
  await expect(resolvePublicHost('8.8.8.8')).resolves.toBe('8.8.8.8');
});
