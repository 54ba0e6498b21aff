/** One entry of a domain's error contract. `code` is `domain.reason` and is never renamed. */
export interface ProblemKind {
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

export interface FieldError {
  path: string;
  message: string;
  code: string;
}

export interface ProblemOptions {
  /** A sentence for the caller's developer; never holds user data. */
  detail?: string;
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** Members added to the answer, such as `nextAction`. */
  extensions?: Record<string, unknown>;
  cause?: unknown;
}

/** An expected refusal: carries the HTTP answer (RFC 9457). Anything else that is thrown is a 500. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly options: ProblemOptions = {},
  ) {
    super(`${kind.code}: ${options.detail ?? kind.title}`, { cause: options.cause });
    this.name = 'Problem';
  }
}

/**
 * Declares a domain's errors once: `defineProblems('sign_in', { refused: [401, 'Sign-in refused'] })`
 * gives `{ refused: { code: 'sign_in.refused', status: 401, title: 'Sign-in refused' } }`.
 */
export function defineProblems<const Reasons extends Record<string, readonly [number, string]>>(
  domain: string,
  reasons: Reasons,
): { readonly [Reason in keyof Reasons]: ProblemKind } {
  const kinds = Object.entries(reasons).map(([reason, [status, title]]) => [
    reason,
    { code: `${domain}.${reason}`, status, title },
  ]);
  return Object.fromEntries(kinds);
}
