const LANGUAGES = ['vi', 'en'] as const;

/** What pages and messages are written in. */
export type Language = (typeof LANGUAGES)[number];

/** Vietnamese unless English is wanted more (`ui_locales`, then Accept-Language), as the realm does it. */
export function chooseLanguage(uiLocales: string | undefined, accepted: readonly string[]): Language {
  const wanted = [...(uiLocales?.split(' ') ?? []), ...accepted].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag): tag is Language => LANGUAGES.some((language) => language === tag)) ?? 'vi';
}
