import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export type SmtpBehaviour = 'accept' | 'refuse' | 'later' | 'hang' | 'hang-up';

export interface SmtpStandIn {
  url: string;
  port: number;
  /** As they came, headers and all. */
  mails: { envelopeTo: string[]; source: string }[];
  next: SmtpBehaviour[];
  /** Resolves when so many mails were taken. */
  taken(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A real SMTP server; behaviours apply to the end of DATA, one mail each. */
export async function startSmtp(
  options: { auth?: { user: string; pass: string } } = {},
): Promise<SmtpStandIn> {
  const waiting = new Set<() => void>();
  const server = new SMTPServer({
    disabledCommands: options.auth ? ['STARTTLS'] : ['AUTH', 'STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    closeTimeout: 100,
    onAuth({ username, password }, _session, done) {
      const right = username === options.auth?.user && password === options.auth?.pass;
      if (right) done(null, { user: username });
      else done(new Error('a banner that nobody may see'));
    },
    async onData(stream, session, done) {
      let source = '';
      for await (const chunk of stream) source += chunk;
      const behaviour = standIn.next.shift() ?? 'accept';
      const fail = (responseCode: number) => done(Object.assign(new Error('a banner'), { responseCode }));
      if (behaviour === 'refuse') return fail(550);
      if (behaviour === 'later') return fail(451);
      if (behaviour === 'hang') return;
      standIn.mails.push({ envelopeTo: session.envelope.rcptTo.map(({ address }) => address), source });
      for (const look of waiting) look();
      done();
    },
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const standIn: SmtpStandIn = {
    url: `smtp://127.0.0.1:${port}`,
    port,
    mails: [],
    next: [],
    taken: (count) =>
      new Promise((resolve) => {
        const look = () => standIn.mails.length >= count && resolve();
        waiting.add(look);
        look();
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return standIn;
}
