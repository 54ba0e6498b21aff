import { createHash } from 'node:crypto';
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

const STYLE = `body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f5f6f8;color:#1d2733;
font:1.05rem/1.6 system-ui,sans-serif}main{max-width:26rem;margin:1rem;padding:2rem;background:#fff;border-radius:12px}
h1{margin:0 0 .5rem;font-size:1.3rem}a{display:inline-block;margin-top:.5rem;padding:.6rem 1.2rem;border-radius:8px;
background:#0b5cad;color:#fff;text-decoration:none}`;

/** Nothing but the page's own style: no script, no picture, no form, no frame around it. */
export const TROUBLE_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * A whole page for a person who can't be sent back to an app; it says what to do and no details.
 * @param retry a link of ours to begin again
 */
export function troublePage(trouble: Trouble, language: Language, retry?: string): string {
  const texts = TEXTS[language];
  const { title, what } = texts[trouble];
  const link = retry === undefined ? '' : `<a href="${retry.replaceAll('&', '&amp;')}">${texts.retry}</a>`;
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${what}</p>${link}</main></body>
</html>
`;
}
