import { expect, test } from '@jest/globals';
import { normalizeIdentifier } from '../../src/people/identifier.js';
import { maskPhone } from '../../src/people/person.js';

test.each([
  '+84901000001',
  '0901000001',
  '0084 901 000 001',
  '(090) 100-0001',
  '84901000001',
  '０９０１０００００１',
])('the phone spelling %s is one identifier (hostile input)', (value) => {
  expect(normalizeIdentifier({ scheme: 'phone', value })).toEqual({ scheme: 'phone', value: '+84901000001' });
});

test('e-mail and username know no case; what is no phone number stays as it is', () => {
  expect(normalizeIdentifier({ scheme: 'email', value: ' A@B.C ' }).value).toBe('a@b.c');
  expect(normalizeIdentifier({ scheme: 'username', value: 'Admin' }).value).toBe('admin');
  expect(normalizeIdentifier({ scheme: 'phone', value: 'nobody' }).value).toBe('nobody');
});

test('a masked phone shows its country and last four digits', () => {
  expect(maskPhone('+84901000001')).toBe('+84*****0001');
});
