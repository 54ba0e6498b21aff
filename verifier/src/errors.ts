/** Why a token was refused: for logs and metrics. A caller is never told (`InvalidToken.headers` is one for all). */
export type Reason =
  | 'too_long'
  | 'malformed'
  | 'header'
  | 'algorithm'
  | 'type'
  | 'unknown_key'
  | 'signature'
  | 'claims'
  | 'issuer'
  | 'audience'
  | 'kind'
  | 'expired'
  | 'not_yet_valid'
  | 'too_old'
  | 'revoked'
  | 'revoked_key'
  | 'status';

const MISSING_RIGHTS = {
  role: 'A role is missing',
  merchant: 'The merchant is not one of the token',
  permission: 'The permission is missing',
};
const MISSING_ANSWERS = {
  keys: 'No key of the issuer is known yet',
  status: 'The status of the token is not known',
  permissions: 'Whether this is permitted is not known',
};

/** Seconds after which it is worth asking again when the issuer could not be reached. */
const RETRY_AFTER_S = 5;

/**
 * A refusal that knows its HTTP answer: `status`, and `headers` as RFC 6750 §3 wants them. Express' own error
 * handler reads both. The message holds no part of the token.
 */
export abstract class VerifierError extends Error {
  abstract readonly status: 401 | 403 | 503;
  abstract readonly headers: Readonly<Record<string, string>>;
}

/** 401: the request carries no bearer token. RFC 6750 §3.1: then the answer carries no error code. */
export class MissingToken extends VerifierError {
  override readonly name = 'MissingToken';
  readonly status = 401;
  readonly headers = { 'www-authenticate': 'Bearer' };
  constructor() {
    super('An access token is needed');
  }
}

/** 401: there is a token, and it is not good. `reason` is for the log. */
export class InvalidToken extends VerifierError {
  override readonly name = 'InvalidToken';
  readonly status = 401;
  readonly headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
  constructor(readonly reason: Reason) {
    super('The access token is not valid');
  }
}

/** 403: the token is good and does not reach so far. */
export class InsufficientRights extends VerifierError {
  override readonly name = 'InsufficientRights';
  readonly status = 403;
  readonly headers = { 'www-authenticate': 'Bearer error="insufficient_scope"' };
  constructor(readonly missing: 'role' | 'merchant' | 'permission') {
    super(MISSING_RIGHTS[missing]);
  }
}

/** 503: nothing is known against the token or its bearer, but what it takes to check could not be had. */
export class IssuerUnavailable extends VerifierError {
  override readonly name = 'IssuerUnavailable';
  readonly status = 503;
  readonly headers = { 'retry-after': String(RETRY_AFTER_S) };
  constructor(readonly missing: 'keys' | 'status' | 'permissions') {
    super(MISSING_ANSWERS[missing]);
  }
}
