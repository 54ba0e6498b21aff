import { createHash } from 'node:crypto';

const STYLE = `body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f5f6f8;color:#1d2733;
font:1.05rem/1.6 system-ui,sans-serif}main{max-width:26rem;margin:1rem;padding:2rem;background:#fff;border-radius:12px}
h1{margin:0 0 .5rem;font-size:1.3rem}a,button{display:inline-block;margin-top:.5rem;padding:.6rem 1.2rem;border:0;
border-radius:8px;background:#0b5cad;color:#fff;font:inherit;text-decoration:none;cursor:pointer}`;

/** Nothing but the page's own style: no script, no picture, no frame around it; a form, where there is one, comes here. */
export const plainPagePolicy = (formAction: "'none'" | "'self'"): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    `form-action ${formAction}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** A whole page for a person. @param content HTML of ours; what isn't ours has been escaped */
export function plainPage(options: {
  language: string;
  title: string;
  what: string;
  content?: string;
}): string {
  const { language, title, what, content = '' } = options;
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${what}</p>${content}</main></body>
</html>
`;
}
