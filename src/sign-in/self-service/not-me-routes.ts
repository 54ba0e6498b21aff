import type { RequestHandler } from 'express';
import { z } from 'zod';
import { BASE } from '../../http/base-path.js';
import { plainPage, plainPagePolicy } from '../../http/plain-page.js';
import { defineRoute, type Reply, type Route } from '../../http/route.js';
import type { EndSessions } from '../../sessions/index.js';
import { chooseLanguage, type Language } from '../choose-language.js';
import type { NotMeLinks } from './not-me-link.js';

export const NOT_ME_PAGE = `${BASE}/auth/not-me`;

const TEXTS = {
  vi: {
    ask: {
      title: 'Không phải bạn?',
      what: 'Mọi phiên đăng nhập của tài khoản sẽ kết thúc, trên mọi thiết bị. Sau đó hãy đặt lại mật khẩu.',
    },
    button: 'Kết thúc mọi phiên',
    done: { title: 'Đã kết thúc mọi phiên', what: 'Bây giờ hãy quay lại ứng dụng và đặt lại mật khẩu.' },
    over: { title: 'Liên kết không còn dùng được', what: 'Hãy quay lại ứng dụng và đặt lại mật khẩu.' },
  },
  en: {
    ask: {
      title: 'This wasn’t you?',
      what: 'Every session of the account will end, on every device. Then reset your password.',
    },
    button: 'End every session',
    done: { title: 'Every session has ended', what: 'Now go back to the app and reset your password.' },
    over: { title: 'This link can’t be used any more', what: 'Go back to the app and reset your password.' },
  },
} as const;

const token = z
  .string()
  .max(2048)
  .regex(/^[\w.-]+$/);
const page = { description: 'A page', schema: z.string(), contentType: 'text/html' };

/**
 * "It wasn't me", from a notice: the link only opens a page (mail scanners follow links), its button ends every
 * session. Whoever has the link can do that and nothing else.
 */
export function notMeRoutes(options: {
  links: NotMeLinks;
  endSessions: Pick<EndSessions, 'endAll'>;
  limits: readonly RequestHandler[];
}): Route[] {
  const { links, endSessions } = options;
  const limits = [...options.limits];
  const tag = 'self-service';
  return [
    defineRoute({
      method: 'get',
      path: NOT_ME_PAGE,
      summary: 'The page behind "it wasn’t me"',
      tag,
      access: 'public',
      limits,
      query: z.object({ token: token.optional() }),
      responses: { 200: page, 400: page },
      async handle({ query, languages }) {
        const language = chooseLanguage(undefined, languages);
        if (query.token === undefined || !links.read(query.token)) return show(400, language, 'over');
        const { button } = TEXTS[language];
        const form = `<form method="post"><input type="hidden" name="token" value="${query.token}"><button>${button}</button></form>`;
        return show(200, language, 'ask', form);
      },
    }),
    defineRoute({
      method: 'post',
      path: NOT_ME_PAGE,
      summary: 'End every session of the person whom a notice was sent to',
      tag,
      access: 'public',
      limits,
      bodyType: 'form',
      body: z.object({ token }),
      responses: { 200: page, 400: page },
      async handle({ body, languages, visitor }) {
        const language = chooseLanguage(undefined, languages);
        const userId = links.read(body.token);
        if (!userId) return show(400, language, 'over');
        await endSessions.endAll(userId, 'not_me', { actor: { type: 'user', id: userId }, visitor });
        return show(200, language, 'done');
      },
    }),
  ];
}

function show(status: number, language: Language, text: 'ask' | 'done' | 'over', content = ''): Reply {
  return {
    status,
    headers: { 'Content-Security-Policy': plainPagePolicy("'self'"), 'Referrer-Policy': 'no-referrer' },
    body: plainPage({ language, ...TEXTS[language][text], content }),
  };
}
