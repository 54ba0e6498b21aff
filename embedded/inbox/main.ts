/** The inbox's process: `main.js <HTTP port> <SMTP port>`, on loopback alone. */
import { createHttpListener } from './http-listener.js';
import { createMailListener } from './mail-listener.js';
import { createMessages } from './messages.js';

const HOST = '127.0.0.1';
const KEPT = 500;

const [httpPort, smtpPort] = process.argv.slice(2).map(Number);
const messages = createMessages(KEPT);
createMailListener(messages).listen(smtpPort, HOST);
createHttpListener(messages).listen(Number(httpPort), HOST, (error) => {
  if (error) throw error;
});
