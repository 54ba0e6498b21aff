import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createSealedText } from '../../src/database/sealed-text.js';

const sealed = createSealedText(randomBytes(32));

test('a sealed text opens in its own place, and never looks the same twice (D4)', () => {
  const one = sealed.seal('xin chào', 'place');
  expect(sealed.open(one, 'place')).toBe('xin chào');
  expect(sealed.seal('xin chào', 'place')).not.toBe(one);
});

test('another place, another key and every single flipped bit are errors, never garbage (hostile input)', () => {
  const text = sealed.seal('secret', 'place');
  expect(() => sealed.open(text, 'elsewhere')).toThrow();
  expect(() => createSealedText(randomBytes(32)).open(text, 'place')).toThrow('another key');
  const [keyId, payload = ''] = text.split('.');
  const bytes = Buffer.from(payload, 'base64url');
  for (let index = 0; index < bytes.length * 8; index += 1) {
    const bent = Buffer.from(bytes);
    bent[index >> 3] = (bent[index >> 3] ?? 0) ^ (1 << (index & 7));
    expect(() => sealed.open(`${keyId}.${bent.toString('base64url')}`, 'place')).toThrow();
  }
  expect(() => sealed.open(`${keyId}.AAAA`, 'place')).toThrow();
});
