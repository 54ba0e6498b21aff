import Mustache from 'mustache';
import type { Language, MessageContent } from '../message.js';
import { MAIL_TEXTS } from './mail-texts.js';

export interface RenderedMail {
  subject: string;
  text: string;
  html: string | undefined;
}

/** Mustache escapes what stands in `{{…}}`; a template of ours uses no other form. */
const LAYOUT = `<!doctype html>
<html lang="{{language}}"><head><meta charset="utf-8"><title>{{subject}}</title></head>
<body style="font-family:Arial,Helvetica,sans-serif;color:#1a1a1a;line-height:1.5;max-width:36em;margin:0 auto;padding:1.5em">
{{#paragraphs}}<p>{{.}}</p>
{{/paragraphs}}{{#code}}<p style="font-size:2em;letter-spacing:.2em;font-weight:bold">{{code}}</p>
{{/code}}{{#link}}<p><a href="{{link}}">{{linkText}}</a></p>
{{/link}}<p style="color:#666">{{brand}}</p>
</body></html>
`;

const TEXT_LAYOUT = `{{#paragraphs}}{{.}}

{{/paragraphs}}{{#code}}    {{code}}

{{/code}}{{#link}}{{linkText}}: {{link}}

{{/link}}-- 
{{brand}}
`;

/** Subject, text and HTML of a mail. What people have typed is escaped, and never in the subject. */
export function renderMail(
  content: Pick<MessageContent, 'template' | 'language' | 'variables' | 'secret'>,
  brand: string,
): RenderedMail {
  const { template, language, variables, secret } = content;
  if (template === 'rendered') {
    return { subject: secret.subject ?? '', text: secret.text ?? '', html: secret.html };
  }
  const name = template === 'security-notice' ? (variables.event ?? '') : template;
  const texts = MAIL_TEXTS[name]?.[language];
  if (!texts) throw new Error(`there is no mail ${name}`);
  const plain = { ...variables, brand };
  const subject = Mustache.render(texts.subject, { brand }, {}, { escape: String });
  const paragraphs = [...texts.paragraphs, ...details(template, language)]
    .map((paragraph) => Mustache.render(paragraph, plain, {}, { escape: String }))
    .filter((paragraph) => paragraph !== '');
  const { code, link } = secret;
  const view = { language, subject, paragraphs, code, link, linkText: linkText(template)[language], brand };
  return {
    subject,
    text: Mustache.render(TEXT_LAYOUT, view, {}, { escape: String }),
    html: Mustache.render(LAYOUT, view),
  };
}

const NOT_ME: Record<Language, string> = {
  vi: 'Không phải tôi: kết thúc mọi phiên đăng nhập',
  en: "It wasn't me: end every session",
};
const ACCEPT: Record<Language, string> = { vi: 'Xem lời mời', en: 'See the invitation' };

const linkText = (template: string) => (template === 'invitation' ? ACCEPT : NOT_ME);

function details(template: string, language: Language): string[] {
  if (template !== 'security-notice') return [];
  return language === 'vi'
    ? ['{{#at}}Thời gian: {{at}}{{/at}}', '{{#where}}Nơi: {{where}}{{/where}}']
    : ['{{#at}}When: {{at}}{{/at}}', '{{#where}}Where: {{where}}{{/where}}'];
}
