import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { lenient, noteIgnored } from '../../src/sign-in/branches/ignored-fields.js';

const schema = lenient({ known: z.string().optional() });

function noted(body: Record<string, unknown>): Record<string, string> {
  const fields: Record<string, string> = {};
  noteIgnored(schema, schema.parse(body), { note: (more) => void Object.assign(fields, more) });
  return fields;
}

test('fields that are not known are logged by name, never their values (contract, introduction)', () => {
  expect(noted({ known: 'a' })).toEqual({});
  expect(noted({ known: 'a', remember: 'canary', deviceId: { a: 'canary' } })).toEqual({
    'request.ignored_fields': 'remember,deviceId',
  });
});

test('a name that no program would give is not logged, and no more than ten are (R5)', () => {
  const names = ['owner@demo.test', '0901000001', 'a\nb', 'x'.repeat(65), 'toString'];
  expect(noted(Object.fromEntries(names.map((name) => [name, 1])))).toEqual({
    'request.ignored_fields': '?,?,?,?,toString',
  });
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, 1]));
  expect(noted(many)['request.ignored_fields']?.split(',')).toHaveLength(10);
});
