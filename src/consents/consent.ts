/** What a person agreed to: which text in which version, when, how they were asked and by which app. */
export interface Consent {
  id: string;
  purpose: string;
  textVersion: string;
  channel: string;
  clientId: string;
  givenAt: string;
  /** null: it stands. */
  withdrawnAt: string | null;
}

export type NewConsent = Pick<Consent, 'purpose' | 'textVersion' | 'channel' | 'clientId'>;
