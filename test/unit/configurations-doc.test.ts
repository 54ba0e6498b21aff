import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { messageConfigurations } from '../../src/messaging/index.js';
import { otpPolicySchema } from '../../src/otp/index.js';

const FILE = 'docs/configurations.md';
const SCHEMAS = '\n## JSON Schemas\n';

const fenced = (schema: z.ZodType) =>
  `\`\`\`json\n${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n\`\`\`\n`;

const described = [
  `\n### OTP_POLICY\n\n${fenced(otpPolicySchema)}`,
  ...Object.entries(messageConfigurations).map(
    ([code, { data, credential }]) =>
      `\n### ${code}\n\n${fenced(data)}\nCredential:\n\n${fenced(credential)}`,
  ),
].join('');

test('docs/configurations.md holds the JSON Schema of every code (contract §9); UPDATE_DOCS=1 writes it', () => {
  const [text = ''] = readFileSync(FILE, 'utf8').split(SCHEMAS);
  const whole = `${text}${SCHEMAS}${described}`;
  if (process.env.UPDATE_DOCS === '1') writeFileSync(FILE, whole);
  expect(readFileSync(FILE, 'utf8')).toBe(whole);
});
