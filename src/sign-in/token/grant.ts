import type { z } from 'zod';
import type { Visitor } from '../../http/route.js';
import type { sessionAnswerSchema } from '../session-answer.js';

export interface TokenAnswer {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  /** For a grant that opens a session of the caller's own. */
  session?: Omit<z.infer<typeof sessionAnswerSchema>, 'accessToken' | 'expiresIn' | 'tokenType'>;
}

/** One `grant_type` of the token endpoint (RFC 6749 §4.5). */
export interface Grant {
  type: string;
  /** Its form parameters, for schema and OpenAPI. */
  parameters: z.ZodRawShape;
  /** @param form every parameter; none but `resource` and `audience` was sent more than once. @throws OAuthError */
  run(form: Record<string, unknown>, visitor: Visitor): Promise<TokenAnswer>;
}
