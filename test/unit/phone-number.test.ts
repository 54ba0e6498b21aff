import { expect, test } from '@jest/globals';
import { readPhoneNumber } from '../../src/people/phone-number.js';

test.each([
  ['+84 90 100 00 01'],
  ['0901000001'],
  ['0084 901 000 001'],
  ['84901000001'],
  ['901000001'],
  ['+840901000001'],
  ['０９０１０００００１'],
  ['0️⃣9️⃣0️⃣1️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣'],
  ['0901000001 ext. 5'],
  ['tel:+84-901-000-001'],
])('%s is one number (hostile input)', (text) => {
  expect(readPhoneNumber(text)).toEqual({ e164: '+84901000001', country: 'VN', mobile: true });
});

test.each([
  ['01681234567', '+84381234567'],
  ['+841201234567', '+84701234567'],
  ['0129 123 4567', '+84821234567'],
  ['0186 123 4567', '+84561234567'],
  ['01991234567', '+84591234567'],
])('the 11-digit number %s of before 2018 is today’s %s (facts §6)', (text, e164) => {
  expect(readPhoneNumber(text)).toEqual({ e164, country: 'VN', mobile: true });
});

test.each([['0521234567'], ['0551234567'], ['0871234567']])(
  '%s is mobile though libphonenumber does not know its prefix (facts §6)',
  (text) => {
    expect(readPhoneNumber(text)).toMatchObject({ mobile: true });
  },
);

test.each([
  ['a landline', '02838123456'],
  ['a service number', '19001234'],
  ['a free number', '1800123456'],
  ['a satellite phone', '+881612345678'],
  ['a British premium number', '+449098790123'],
  ['a landline abroad', '+442079460000'],
])('%s can be read, but gets no message (O7)', (_name, text) => {
  expect(readPhoneNumber(text)).toMatchObject({ mobile: false });
});

test('a mobile abroad names its country (O7)', () => {
  expect(readPhoneNumber('+447400123456')).toEqual({ e164: '+447400123456', country: 'GB', mobile: true });
});

test.each([[''], ['nobody'], ['+'], ['١'], ['{0901000001}x'.repeat(40)], ['\u0000']])(
  '%j is no number',
  (text) => {
    expect(readPhoneNumber(text)).toBeUndefined();
  },
);
