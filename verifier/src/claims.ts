/** A role as the service writes it: an object, or the identifier alone (`IDENTITY_ROLES_CLAIM=identifiers`). */
export type RoleClaim =
  | { readonly id: string; readonly identifier: string; readonly priority: number }
  | string;

/** Kinds of access token that sisters take; account and refresh tokens are for the issuer alone (contract §1). */
export type TokenKind = 'platform' | 'workspace' | 'system';

/** What every access token says (contract §1); times in seconds since 1970. */
interface EveryToken {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly sub: string;
  readonly iat: number;
  readonly nbf?: number;
  readonly exp: number;
  readonly jti: string;
  readonly client_id: string;
  readonly roles?: readonly RoleClaim[];
  /** Lists were cut: an id that is missing may be held all the same. */
  readonly truncated?: boolean;
  readonly [claim: string]: unknown;
}

/** A person's token. `userId` = `sub`; in a workspace token `merchants` holds the active branch alone. */
export interface UserClaims extends EveryToken {
  readonly token_type: 'platform' | 'workspace';
  readonly userId: string;
  readonly session_id: string;
  readonly organizers?: readonly string[];
  readonly merchants?: readonly string[];
}

/** A service's token: `sub` is `service:<name>`; no user, no session. */
export interface SystemClaims extends EveryToken {
  readonly token_type: 'system';
}

/** Told apart by `token_type`. Frozen: one object answers every request that shows the same token. */
export type AccessClaims = UserClaims | SystemClaims;
