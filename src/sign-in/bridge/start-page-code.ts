import { maskRecipient } from '../../messaging/index.js';
import type { Challenge } from '../../otp/index.js';
import { type Identifier, maskPhone } from '../../people/index.js';
import type { Language } from '../choose-language.js';
import { readCodeTarget } from '../otp/code-target.js';
import type { RequestCode } from '../otp/request-code.js';
import type { CodePromise } from '../otp/send-code.js';
import { type CodePurpose, isFor, namespaceOf, useOf } from './code-purpose.js';

export interface PageCodeRequest {
  purpose: CodePurpose;
  /** As typed. */
  phone?: string | undefined;
  /** As typed: a phone number or an e-mail address, where either will do. */
  identifier?: string | undefined;
  /** In place of both: an earlier challenge, whose address gets another code. */
  again?: string | undefined;
  language: Language;
  /** Whoever sits before the page. */
  visitor: { address: string; agent: string };
  /** Who asks, where Keycloak knows it. */
  keycloakId?: string | undefined;
}

export type StartPageCode = (request: PageCodeRequest) => Promise<CodePromise & { maskedAddress: string }>;

/** Keycloak's pages are one client for all apps: the platform's sender and texts. */
const PAGES = { id: 'keycloak', merchantId: null };

/**
 * A code for one of Keycloak's pages, by the same steps as one that is asked for at the API.
 * @param countries ISO 3166-1 alpha-2: where codes are sent by SMS
 * @throws Problem those of RequestCode, and `request.validation_failed` (422) for what no code can be sent to
 */
export function createStartPageCode(options: {
  requestCode: RequestCode;
  /** Undefined for what this service did not make. */
  openChallenge(challengeId: string): Challenge | undefined;
  countries: readonly string[];
}): StartPageCode {
  const { requestCode, openChallenge, countries } = options;

  function addressOf(purpose: CodePurpose, challengeId = ''): string {
    const earlier = openChallenge(challengeId);
    return earlier && isFor(purpose)(earlier) ? earlier.identifier : '';
  }

  return async ({ purpose, phone, identifier, again, language, visitor, keycloakId }) => {
    const value = phone ?? identifier ?? addressOf(purpose, again);
    const mayBeMail = purpose === 'forgot-password' && value.includes('@');
    const target = readCodeTarget({ scheme: mayBeMail ? 'email' : 'phone', value }, countries);
    const promise = await requestCode({
      namespace: namespaceOf(purpose),
      target,
      client: PAGES,
      language,
      visitor,
      device: null,
      purpose: { for: useOf(purpose), ...(keycloakId === undefined ? {} : { keycloakId }) },
      forAnybody: purpose === 'verify-phone',
    });
    return { ...promise, maskedAddress: mask(target.identifier) };
  };
}

const mask = ({ scheme, value }: Identifier): string =>
  scheme === 'phone' ? maskPhone(value) : maskRecipient('mail', value);
