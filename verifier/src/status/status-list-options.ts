export interface StatusListOptions {
  /** `https://<issuer>/v1/api/identity/token-status-lists`, as tokens spell it. No token leads anywhere else. */
  base: string;
  /** The same place as it is reached from here, where that differs. */
  fetchBase?: string;
  /** How old an answer may be that is relied upon (60). */
  maxStalenessS?: number;
  /**
   * What becomes of a token whose status nobody could tell within the bound: `accept` (default) lets sisters go on
   * while the issuer is away, for the rest of the token's minutes; `refuse` answers 503.
   */
  onStale?: 'accept' | 'refuse';
  /** Whether a token without a status is refused (true). */
  required?: boolean;
}
