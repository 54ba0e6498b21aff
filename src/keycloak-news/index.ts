export { backchannelLogoutRoute } from './backchannel-logout.js';
