import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const THEME = join('themes', 'nx', 'login');
const files = readdirSync(THEME, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const text = (path: string) => readFileSync(path, 'utf8');

const messages = (language: string): Map<string, string> =>
  new Map(
    text(join(THEME, 'messages', `messages_${language}.properties`))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, key = '', value = ''] = /^([\w.-]+)=(.+)$/.exec(line) ?? [];
        if (!key) throw new Error(`not a message: ${line}`);
        return [key, value];
      }),
  );

/** What Keycloak says for a wrong first or second factor, and for an account that is locked. */
const REFUSALS = [
  [
    'invalidUserMessage',
    'accountTemporarilyDisabledMessage',
    'accountPermanentlyDisabledMessage',
    'invalidUsernameMessage',
    'invalidUsernameOrEmailMessage',
    'invalidPasswordMessage',
  ],
  ['invalidTotpMessage', 'accountTemporarilyDisabledMessageTotp', 'accountPermanentlyDisabledMessageTotp'],
];

describe('the login theme', () => {
  test('says in Vietnamese all that it says in English', () => {
    const vietnamese = messages('vi');
    expect([...messages('en').keys()].filter((key) => !vietnamese.has(key))).toEqual([]);
  });

  test('tells nobody in Vietnamese whether an account is locked (D2)', () => {
    const vietnamese = messages('vi');
    for (const refusals of REFUSALS) {
      const said = refusals.map((key) => vietnamese.get(key));
      expect(said).toEqual(said.map(() => expect.stringMatching(/\S/)));
      expect(new Set(said).size).toBe(1);
    }
  });

  test.each(['vi', 'en'])('doubles single quotes, which MessageFormat would swallow, in %s', (language) => {
    for (const value of messages(language).values()) expect(value.replaceAll("''", '')).not.toContain("'");
  });

  test('copies no page of Keycloak’s, and has no script or style inside a page', () => {
    const pages = files.filter((path) => path.endsWith('.ftl'));
    // The footer is empty in the parent, and there to be replaced.
    expect(pages.filter((path) => !/\/(nx-[a-z-]+|footer)\.ftl$/.test(path))).toEqual([]);
    for (const page of pages) expect(text(page)).not.toMatch(/<style|style=|<script(?![^>]* src=)| on\w+=/);
  });

  test('asks nothing of other sites', () => {
    const assets = files.filter((path) => /\.(css|js|svg|ftl)$/.test(path));
    for (const asset of assets)
      expect(text(asset)).not.toMatch(/(?:url\(|import\s+["'(]|src=|href=)\s*["']?(?:https?:)?\/\//);
  });
});
