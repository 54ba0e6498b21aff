import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Trouble = 'none' | 'hang' | 'error' | 'html' | 'nonsense' | 'refused';

interface Change {
  subjectType: string;
  subjectId: string;
  policyVersion: number;
}

/** The issuer's calls of contract §5, whose rights and changes a test sets. */
export interface PolicyIssuer {
  url: string;
  /** `<subject> <domain> <object> <action>` of whatever is allowed. */
  rights: Set<string>;
  /** What is true of the checks, of the feed of changes, and of the token endpoint. */
  trouble: Record<'check' | 'changes' | 'token', Trouble>;
  /** Subject and domain of each check that came, in their order. */
  checks: string[];
  tokens: number;
  /** Changes that a page holds at the most. */
  page: number;
  /** Counts a change; a subject's own, `Role` for those of everybody who is asked about. */
  change(subjectType: string, subjectId: string): void;
  /** The database goes back to when it had counted so far. */
  putBack(epoch: number): void;
  /** A question of the feed that comes from now on, and so the answer to the one before was taken. */
  polled(): Promise<void>;
  /** Answers who waits for changes, without one. */
  release(): void;
  /** Checks are answered when the test opens, with what was true when they came. */
  hold(): { arrived: Promise<void>; open(): void };
  close(): Promise<void>;
}

export async function startPolicyIssuer(): Promise<PolicyIssuer> {
  let changes: Change[] = [];
  let epoch = 100;
  let waiting: (() => void)[] = [];
  let onPoll: (() => void)[] = [];
  let gate: { arrive(): void; opened: Promise<void> } | undefined;

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://issuer');
    if (pathname === '/token') return void answerToken(response);
    if (!/^Bearer system-\d+$/.test(request.headers.authorization ?? ''))
      return void response.writeHead(401).end();
    if (pathname === '/policies/check') return void answerCheck(request, response, JSON.parse(body));
    answerChanges(response, searchParams.get('after'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const issuer: PolicyIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rights: new Set(),
    trouble: { check: 'none', changes: 'none', token: 'none' },
    checks: [],
    tokens: 0,
    page: 1000,
    change(subjectType, subjectId) {
      epoch += 1;
      changes = changes.filter(
        (one) => `${one.subjectType}_${one.subjectId}` !== `${subjectType}_${subjectId}`,
      );
      changes.push({ subjectType, subjectId, policyVersion: epoch });
      issuer.release();
    },
    putBack(to) {
      epoch = to;
      changes = changes.filter(({ policyVersion }) => policyVersion <= to);
      issuer.release();
    },
    polled: () => new Promise((resolve) => onPoll.push(resolve)),
    release() {
      const all = waiting;
      waiting = [];
      for (const answer of all) answer();
    },
    hold() {
      let [arrive, open] = [() => {}, () => {}];
      const arrived = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      gate = { arrive, opened };
      return {
        arrived,
        open() {
          gate = undefined;
          open();
        },
      };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  const json = (response: ServerResponse, value: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

  function isTroubled(trouble: Trouble, response: ServerResponse): boolean {
    if (trouble === 'none') return false;
    if (trouble === 'error') response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
    if (trouble === 'refused') response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    if (trouble === 'html')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>');
    if (trouble === 'nonsense') json(response, { results: [{ allowed: 'yes' }], changes: {}, cursor: 'x' });
    return true; // hang says nothing
  }

  function answerToken(response: ServerResponse): void {
    issuer.tokens += 1;
    if (isTroubled(issuer.trouble.token, response)) return;
    json(response, { access_token: `system-${issuer.tokens}`, token_type: 'Bearer', expires_in: 300 });
  }

  async function answerCheck(
    _request: IncomingMessage,
    response: ServerResponse,
    { subject, checks }: { subject: { type: string; id: string }; checks: Record<string, string>[] },
  ): Promise<void> {
    const who = `${subject.type}_${subject.id}`;
    const results = checks.map(({ domain, object, action }) => {
      issuer.checks.push(`${who} ${domain}`);
      return { allowed: issuer.rights.has(`${who} ${domain} ${object} ${action}`) };
    });
    const own = changes.findLast(({ subjectType, subjectId }) => `${subjectType}_${subjectId}` === who);
    const said = { results, policyVersion: own?.policyVersion ?? 1, cursor: `${epoch}` };
    gate?.arrive();
    await gate?.opened;
    if (!isTroubled(issuer.trouble.check, response)) json(response, said);
  }

  function answerChanges(response: ServerResponse, cursor: string | null): void {
    const told = onPoll;
    onPoll = [];
    for (const tell of told) tell();
    if (isTroubled(issuer.trouble.changes, response)) return;
    if (cursor === null) return void json(response, { changes: [], cursor: `${epoch}`, more: false });
    const since = () => {
      if (Number(cursor) > epoch) {
        const everybody = { subjectType: 'Platform', subjectId: '*', policyVersion: epoch };
        return { changes: [everybody], cursor: `${epoch}`, more: false };
      }
      const all = changes.filter(({ policyVersion }) => policyVersion > Number(cursor));
      const some = all.slice(0, issuer.page);
      return {
        changes: some,
        cursor: `${some.at(-1)?.policyVersion ?? cursor}`,
        more: all.length > some.length,
      };
    };
    const at = since();
    if (at.changes.length > 0) return void json(response, at);
    waiting.push(() => json(response, since()));
  }
  return issuer;
}
