import { expect, test } from '@jest/globals';
import { readBasicCredential } from '../../src/services/basic-credential.js';
import { basic, malformed } from '../support/services.js';

test('the name ends at the first colon, the secret keeps the others and its UTF-8 (RFC 7617 §2)', () => {
  expect(readBasicCredential(basic('sale', 'a:b:').authorization)).toEqual({ name: 'sale', secret: 'a:b:' });
  expect(readBasicCredential(basic('sale', 'mật khẩu').authorization)?.secret).toBe('mật khẩu');
});

test("the scheme's case is free, as are spaces after it (RFC 9110 §11.1)", () => {
  const encoded = basic('sale', 'secret').authorization.slice(6);
  for (const scheme of ['Basic ', 'basic ', 'BASIC   ']) {
    expect(readBasicCredential(`${scheme}${encoded}`)).toEqual({ name: 'sale', secret: 'secret' });
  }
});

/** Well formed, but wrong: for the hash to tell. */
const FOR_THE_HASH = ['another secret', 'the secret cut', 'an unknown name', 'the name in capitals'];

test.each(malformed('sale', 'a-secret').filter(([what]) => !FOR_THE_HASH.includes(what)))(
  '%s is no credential (faults)',
  (_what, authorization) => {
    expect(readBasicCredential(authorization)).toBeUndefined();
  },
);

test('base64 is taken in its canonical form alone: no missing padding, no loose bits, no URL alphabet (RFC 4648 §3.5)', () => {
  expect(readBasicCredential('Basic c2FsZTpzZWNyZXQx')).toBeDefined();
  for (const encoded of ['c2FsZTpzZWNyZQ', 'c2FsZTpzZWNyZR==', 'c2FsZTpz_-_-', 'c2FsZTpz ZWNyZXQx']) {
    expect(readBasicCredential(`Basic ${encoded}`)).toBeUndefined();
  }
});
