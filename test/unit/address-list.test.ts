import { describe, expect, test } from '@jest/globals';
import { parseNetwork } from '../../src/config/network.js';
import { createAddressList } from '../../src/http/address-list.js';
import { readConnection } from '../../src/http/connection.js';

const networks = (...texts: string[]) => texts.flatMap((text) => parseNetwork(text) ?? []);

describe('allowed addresses (P7)', () => {
  test('are those of the networks, and no others', () => {
    const isAllowed = createAddressList(networks('10.1.0.0/16', 'fd00::/8', '192.0.2.7'));
    for (const address of ['10.1.0.0', '10.1.255.255', 'fd12::1', '192.0.2.7'])
      expect([address, isAllowed(address)]).toEqual([address, true]);
    for (const address of [
      '10.2.0.0',
      '10.0.255.255',
      'fe80::1',
      '192.0.2.8',
      '::1',
      '',
      'localhost',
      '10.1.0.1 ',
    ])
      expect([address, isAllowed(address)]).toEqual([address, false]);
  });

  test.each([
    '',
    '10.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '::1/129',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '10.0.0.0/-1',
    'fe80::1%eth0',
    '10.0.0.0/ 8',
    'cluster',
  ])('%j is no network', (text) => expect(parseNetwork(text)).toBeUndefined());

  test('an IPv4 caller on a dual-stack listener is an IPv4 caller', () => {
    const socket = { remoteAddress: '::ffff:10.1.2.3' };
    const { address } = readConnection({ headers: {}, socket } as never);
    expect(address).toBe('10.1.2.3');
    expect(createAddressList(networks('10.1.0.0/16'))(address)).toBe(true);
  });
});
