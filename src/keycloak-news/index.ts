export { backchannelLogoutRoute } from './backchannel-logout.js';
export { mailRoute } from './mail-route.js';
export { createTakeMail } from './take-mail.js';
