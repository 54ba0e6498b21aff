import { fetchText, type TextRequest, UnexpectedStatus } from './fetch-text.js';
import type { SystemTokens } from './system-token.js';

const MAX_KIDS = 20;

export type FetchText = (request: TextRequest) => Promise<string>;

/**
 * `fetchText` that says who is asking and which keys are loaded here, so that the issuer knows who holds which before
 * it turns them. @param options.systemTokens without them it asks anonymously
 */
export function createReportingFetch(options: {
  systemTokens: SystemTokens | undefined;
  loadedKids: () => string[];
}): FetchText {
  const { systemTokens, loadedKids } = options;
  return async (request) => {
    const token = await systemTokens?.get();
    if (token === undefined) return fetchText(request);
    const kids = loadedKids().slice(0, MAX_KIDS).join(',');
    const loaded: Record<string, string> = kids === '' ? {} : { 'x-loaded-kids': kids };
    try {
      return await fetchText({ ...request, headers: { authorization: `Bearer ${token}`, ...loaded } });
    } catch (error) {
      if (!(error instanceof UnexpectedStatus) || ![401, 403].includes(error.status)) throw error;
      // What is asked for is for everybody; a credential that was revoked must not make its holder blind.
      systemTokens?.drop();
      return fetchText(request);
    }
  };
}
