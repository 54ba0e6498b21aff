import type { Messaging } from './compose-messaging.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createNotify,
  createNotMeLinks,
  NOT_ME_PAGE,
  type Notify,
  type NotMeLinks,
} from './sign-in/index.js';
import type { KeyMaterial } from './tokens/index.js';

export interface Notices {
  notify: Notify;
  notMeLinks: NotMeLinks;
}

/** Wires what people are told of their own account. */
export function composeNotices(
  { config }: Infrastructure,
  { promiseMessage }: Messaging,
  keys: Pick<KeyMaterial, 'otpPepper'>,
): Notices {
  const page = `${config.tokens.issuer}${NOT_ME_PAGE}`;
  const notMeLinks = createNotMeLinks({ secret: keys.otpPepper, page, now: Date.now });
  return { notMeLinks, notify: createNotify({ promiseMessage, notMeLinks, language: 'vi' }) };
}
