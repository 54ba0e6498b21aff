import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

test('docs/configuration.md names every variable that the service reads, and no other (R8)', () => {
  const variables = (text: string) => new Set(text.match(/\b(?:IDENTITY|DATABASE|REDIS)_[A-Z0-9_]+\b/g));
  const read = variables(
    readdirSync('src/config')
      .map((name) => readFileSync(`src/config/${name}`, 'utf8'))
      .join(''),
  );
  read.delete('IDENTITY_REALM_ADMIN_'); // a beginning, not a name
  const unsupported =
    readFileSync('src/config/contradictions.ts', 'utf8').match(/function unsupported[\s\S]*?\n}/)?.[0] ?? '';
  for (const name of variables(unsupported)) read.delete(name);
  const described = variables(
    readFileSync('docs/configuration.md', 'utf8').split('`npm start` also knows')[0] ?? '',
  );
  expect([...described].sort()).toEqual([...read].sort());
});
