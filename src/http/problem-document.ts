import type { Problem } from '../errors/problem.js';
import { BASE } from './base-path.js';

/**
 * The one error answer (contract §8): RFC 9457, and beside it what the platform's framework reads.
 * Shape: `{ type, title, status, detail, code, requestId, errors?, message, statusCode, normalized }`.
 */
export function problemDocument(problem: Problem, requestId: string): Record<string, unknown> {
  const { kind, options } = problem;
  const detail = options.detail ?? kind.title;
  return {
    type: `${BASE}/doc/errors#${kind.code}`,
    title: kind.title,
    status: kind.status,
    detail,
    code: kind.code,
    requestId,
    ...(options.errors ? { errors: options.errors } : {}),
    ...options.extensions,
    message: detail,
    statusCode: kind.status,
    normalized: { text: kind.title, code: kind.code, args: {} },
  };
}
