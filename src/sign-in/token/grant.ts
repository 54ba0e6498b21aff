import type { RequestHandler } from 'express';
import type { z } from 'zod';
import type { RouteInput } from '../../http/route.js';
import type { sessionAnswerSchema } from '../session-answer.js';

export interface TokenAnswer {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  /** For a grant that opens a session of the caller's own. */
  session?: Omit<z.infer<typeof sessionAnswerSchema>, 'accessToken' | 'expiresIn' | 'tokenType'>;
}

export interface TokenRequest
  extends Pick<RouteInput<unknown, unknown>, 'headers' | 'visitor' | 'connection' | 'context'> {
  /** Every parameter; none but `resource` and `audience` was sent more than once. */
  form: Record<string, unknown>;
}

/** One `grant_type` of the token endpoint (RFC 6749 §4.5). */
export interface Grant {
  type: string;
  /** Its form parameters, for schema and OpenAPI. */
  parameters: z.ZodRawShape;
  /** Set where the client proves itself; the others refuse a request that carries a client's credentials. */
  authenticatesClient?: true;
  /** Before it runs. */
  limits?: readonly RequestHandler[];
  /** @throws OAuthError */
  run(request: TokenRequest): Promise<TokenAnswer>;
}
