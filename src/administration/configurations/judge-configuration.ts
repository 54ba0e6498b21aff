import type { z } from 'zod';
import type { Sql } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { DEFAULT_OTP_POLICY, otpPolicySchema } from '../../otp/index.js';
import type { ConfigurationCode } from './codes.js';
import { configurationErrors } from './errors.js';
import type { Reach } from './reach.js';

/** What a row is to hold. `credential`: as it was given; `isSet` says whether there is one in the end. */
export interface Intended {
  merchantId: string | null;
  data: unknown;
  credential: unknown;
  isSet: boolean;
}

/** @throws Problem `request.validation_failed` (422); it names fields, never what they hold */
export function requireFit(code: ConfigurationCode, { merchantId, data, credential, isSet }: Intended): void {
  const dataSchema = (merchantId === null ? undefined : code.merchantData) ?? code.data;
  requireSchema('data', dataSchema, data);
  if (credential !== undefined && credential !== null) {
    if (!code.credential) throw unfit('credential', 'This code has none', 'unrecognized_keys');
    requireSchema('credential', code.credential, credential);
  }
  const mayLack = code.withoutCredential === 'platform' && merchantId === null;
  if (code.credential && !isSet && !mayLack) throw unfit('credential', 'is needed', 'invalid_type');
}

function requireSchema(path: string, schema: z.ZodType, value: unknown): void {
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  throw new Problem(requestErrors.validation_failed, {
    errors: parsed.error.issues.map((issue) => ({
      path: [path, ...issue.path].join('.'),
      message: issue.message,
      code: issue.code,
    })),
  });
}

const unfit = (path: string, message: string, code: string) =>
  new Problem(requestErrors.validation_failed, { errors: [{ path, message, code }] });

/**
 * A credential that was written can't be read back: not by pointing it at a host of one's own either.
 * @throws Problem `configuration.credential_needed` (422)
 */
export function requireSameReceiver(code: ConfigurationCode, before: unknown, after: unknown): void {
  const receiver = (data: unknown) => {
    const parsed = code.data.safeParse(data);
    const values = (parsed.success ? parsed.data : data) as Record<string, unknown> | null;
    return JSON.stringify(code.goesTo?.map((field) => values?.[field]));
  };
  if (receiver(before) !== receiver(after)) throw new Problem(configurationErrors.credential_needed);
}

/**
 * What a merchant's messages may cost is the platform's to say as long as they may go out by its providers: an owner lowers
 * it, and may keep what an administrator has set.
 * @throws Problem `configuration.above_platform` (403)
 */
export async function requireCeiling(sql: Sql, reach: Reach, before: unknown, after: unknown): Promise<void> {
  if (reach === undefined) return;
  const ceiling = (data: unknown) => otpPolicySchema.safeParse(data).data?.spendCeilingVnd;
  const [platform] = await sql.query<{ data: unknown }>(
    `SELECT data FROM public."Configuration"
     WHERE code = 'OTP_POLICY' AND merchant_id IS NULL AND status = 'ACTIVE'`,
  );
  const platforms = ceiling(platform?.data) ?? DEFAULT_OTP_POLICY.spendCeilingVnd;
  const most = Math.max(platforms, (before === undefined ? undefined : ceiling(before)) ?? 0);
  if ((ceiling(after) ?? 0) > most) throw new Problem(configurationErrors.above_platform);
}
