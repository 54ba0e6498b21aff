import { expect, test } from '@jest/globals';
import { renderMail } from '../../src/messaging/templates/mail-templates.js';
import { NOTICES } from '../../src/messaging/templates/variables.js';

test.each(NOTICES.flatMap((event) => [[event, 'vi'] as const, [event, 'en'] as const]))(
  'the notice %s in %s has a subject, both bodies, and the link in both (issue 5)',
  (event, language) => {
    const link = 'https://id.example/not-me?t=a&u=b';
    const mail = renderMail(
      { template: 'security-notice', language, variables: { event, at: '20:00' }, secret: { link } },
      'NX',
    );
    expect(mail.subject).not.toBe('');
    expect(mail.text).toContain(link);
    expect(mail.text).toContain('20:00');
    expect(mail.html).toMatch(/href="https:(&#x2F;){2}id\.example/);
    expect(`${mail.subject}${mail.text}${mail.html}`).not.toContain('{{');
  },
);

test('what stands in a variable is text: neither markup nor a template (faults)', () => {
  const where = '<b>{{secret}}</b> {{#code}}x{{/code}}';
  const { html = '', text } = renderMail(
    { template: 'security-notice', language: 'en', variables: { event: 'new-device', where }, secret: {} },
    'NX <script>',
  );
  expect(text).toContain(where);
  expect(html).toContain('&lt;b&gt;{{secret}}&lt;');
  expect(html).not.toContain('<script>');
});

test('an invitation names the organizer in its text, never in its subject, and its link is no "not me" (contract §5b)', () => {
  const link = 'https://app.example/invitation?invitation=abc';
  for (const language of ['vi', 'en'] as const) {
    const variables = { organizer: 'Cà phê <b>' };
    const mail = renderMail({ template: 'invitation', language, variables, secret: { link } }, 'NX');
    expect(mail.text).toContain('Cà phê <b>');
    expect(mail.subject).not.toContain('Cà phê');
    expect(mail.html).toContain('Cà phê &lt;b&gt;');
    expect(mail.text).toContain(link);
    expect(`${mail.text}${mail.html}`).not.toMatch(/wasn't me|Không phải tôi/);
  }
});
