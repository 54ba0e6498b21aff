const LANGUAGES = ['vi', 'en'] as const;
export type MessageLanguage = (typeof LANGUAGES)[number];

/** The first of the browser's languages (RFC 9110 §12.5.4, the best first) that messages are written in, else Vietnamese. */
export function preferredLanguage(languages: readonly string[]): MessageLanguage {
  for (const tag of languages) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found) return found;
  }
  return 'vi';
}
