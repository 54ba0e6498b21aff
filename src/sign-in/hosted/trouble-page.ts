import { plainPage, plainPagePolicy } from '../../http/plain-page.js';
import type { Language } from '../choose-language.js';

const TEXTS = {
  vi: {
    unregistered: {
      title: 'Không mở được trang đăng nhập',
      what: 'Liên kết này không thuộc về một ứng dụng đã đăng ký. Hãy quay lại ứng dụng và đăng nhập từ đó.',
    },
    unknown: {
      title: 'Chưa đăng nhập được',
      what: 'Lần đăng nhập này đã quá lâu, hoặc được mở trong một trình duyệt khác. Hãy quay lại ứng dụng và đăng nhập lại.',
    },
    retry: 'Thử lại',
  },
  en: {
    unregistered: {
      title: 'This sign-in page can’t be opened',
      what: 'The link does not belong to a registered app. Go back to the app and sign in from there.',
    },
    unknown: {
      title: 'You are not signed in yet',
      what: 'This sign-in took too long, or was begun in another browser. Go back to the app and sign in again.',
    },
    retry: 'Try again',
  },
} as const;

export type Trouble = 'unregistered' | 'unknown';

/** A link to begin again, and nothing else that acts. */
export const TROUBLE_PAGE_POLICY = plainPagePolicy("'none'");

/**
 * A whole page for a person who can't be sent back to an app; it says what to do and no details.
 * @param retry a link of ours to begin again
 */
export function troublePage(trouble: Trouble, language: Language, retry?: string): string {
  const texts = TEXTS[language];
  const { title, what } = texts[trouble];
  const link = retry === undefined ? '' : `<a href="${retry.replaceAll('&', '&amp;')}">${texts.retry}</a>`;
  return plainPage({ language, title, what, content: link });
}
