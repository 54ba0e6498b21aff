import { describe, expect, test } from '@jest/globals';
import { renderSms, smsTemplatesSchema } from '../../src/messaging/templates/sms-templates.js';
import { toSmsText, unaccent } from '../../src/messaging/templates/sms-text.js';
import { NOTICES } from '../../src/messaging/templates/variables.js';

const otp = {
  template: 'otp',
  language: 'vi',
  variables: { minutes: '5' },
  secret: { code: '012345' },
} as const;

describe('the text of an SMS', () => {
  test('is unaccented: what NFD takes apart, and đ, which it does not (facts §5)', () => {
    expect(unaccent('Đường đi đến “Nạp Xu” – 5 phút…')).toBe('Duong di den "Nap Xu" - 5 phut...');
  });

  test.each([
    ['a hash', 'a #1'],
    ['an ampersand', 'a & b'],
    ['an at sign', 'a@b'],
    ['braces', '{{x}}'],
    ['an emoji', 'a 😀'],
    ['Cyrillic', 'код'],
    ['a euro sign', '5 €'],
    ['a line separator', 'a\u2028b'],
    ['nothing', '  '],
    ['161 characters', 'x'.repeat(161)],
  ])('with %s is refused rather than sent another way (facts §5)', (_what, text) => {
    expect(() => toSmsText(text)).toThrow('cannot be sent');
  });

  test('of 160 characters is one part (facts §5)', () => {
    expect(toSmsText('x'.repeat(160))).toHaveLength(160);
  });

  test('has the code first, with its leading zero, in both languages (O8)', () => {
    expect(renderSms(otp, {})).toMatch(/^012345 la ma/);
    expect(renderSms({ ...otp, language: 'en' }, {})).toMatch(/^012345 is your/);
  });

  test('ends with the line that phones fill in only where it is asked for, and only for a code (O8)', () => {
    expect(renderSms(otp, {})).not.toContain('#');
    expect(renderSms(otp, { domain: 'id.example' })).toMatch(/\n\n@id\.example #012345$/);
    expect(
      renderSms({ ...otp, template: 'account-exists', secret: {} }, { domain: 'id.example' }),
    ).not.toContain('@');
  });

  test('is the one that was registered for the brandname, where there is one (M1)', () => {
    const templates = { otp: { vi: '{{code}} la ma cua NX', en: '{{code}} is it' } };
    expect(renderSms(otp, { templates })).toBe('012345 la ma cua NX');
    expect(smsTemplatesSchema.safeParse(templates).success).toBe(true);
    expect(smsTemplatesSchema.safeParse({ otp: { vi: 'Ma: {{code}}', en: 'x' } }).success).toBe(false);
  });

  test('fits one part for every notice in both languages', () => {
    for (const event of NOTICES) {
      for (const language of ['vi', 'en'] as const) {
        const notice = { template: 'security-notice', language, variables: { event }, secret: {} } as const;
        expect(renderSms(notice, {}).length).toBeLessThanOrEqual(160);
      }
    }
  });

  test('of an invitation is one part with the longest page that may be configured, and says nothing that was typed', () => {
    const link = `https://${'a'.repeat(56)}?invitation=${'_-'.repeat(11)}`;
    for (const language of ['vi', 'en'] as const) {
      const variables = { organizer: 'Win now' };
      const text = renderSms({ template: 'invitation', language, variables, secret: { link } }, {});
      expect(text).toContain(link);
      expect(text).not.toContain('Win');
    }
  });
});
