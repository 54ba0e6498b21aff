import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Messages } from './messages.js';

const MAX_BYTES = 1024 * 1024;

/** SMTP (RFC 5321) that takes every mail, for every address, without a password. One message a recipient. */
export function createMailListener(messages: Pick<Messages, 'add'>): SMTPServer {
  async function keep(stream: SMTPServerDataStream, { envelope }: SMTPServerSession): Promise<void> {
    // The text part; of a mail that has HTML only, its text.
    const { text = '' } = await simpleParser(stream);
    if (stream.sizeExceeded) {
      throw Object.assign(new Error(`larger than ${MAX_BYTES} bytes`), { responseCode: 552 });
    }
    for (const { address } of envelope.rcptTo) messages.add({ channel: 'mail', to: address, text });
  }

  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MAX_BYTES,
    logger: false,
    onData: (stream, session, done) => void keep(stream, session).then(() => done(), done),
  });
  // A client that went away in the middle of a mail.
  server.on('error', (error) => process.stderr.write(`SMTP: ${error.message}\n`));
  return server;
}
