import { expect, test } from '@jest/globals';
import { normalizeIdentifier } from '../../src/people/index.js';
import { identifierByShape } from '../../src/sign-in/branches/identifier-by-shape.js';

const read = (text: string) => normalizeIdentifier(identifierByShape(text));

test.each([
  ['Owner@Demo.test', 'email', 'owner@demo.test'],
  ['0901000001@demo.test', 'email', '0901000001@demo.test'],
  ['0901000001', 'phone', '+84901000001'],
  ['+84 90 100 00 01', 'phone', '+84901000001'],
  ['0084-901-000-001', 'phone', '+84901000001'],
  ['(090) 100.0001', 'phone', '+84901000001'],
  ['01201000001', 'phone', '+84701000001'],
  ['0901000001 ext. 5', 'phone', '+84901000001'],
  ['０９０１０００００１', 'phone', '+84901000001'],
  ['0\ufe0f\u20e39\ufe0f\u20e301000001', 'phone', '+84901000001'],
  ['+65 8123 4567', 'phone', '+6581234567'],
  ['oanh.owner', 'username', 'oanh.owner'],
  ['123456', 'username', '123456'],
  ['owner0901000001', 'username', 'owner0901000001'],
])('%j is read by its shape as a %s (contract §4)', (text, scheme, value) => {
  expect(read(text)).toEqual({ scheme, value });
});
