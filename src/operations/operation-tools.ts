import type { AuditAction, Subject } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import type { ListMessages, ReplayMessage } from '../messaging/index.js';
import type { LiftLock } from '../otp/index.js';
import type { KnownPerson } from '../people/index.js';
import type { DescribeSubject } from '../policies/index.js';
import type { EndSessions, ListSessions } from '../sessions/index.js';
import type { AfterRestore } from './after-restore.js';
import type { CreateUser } from './create-user.js';
import type { ImportUsers } from './import/import-users.js';

/** What an operator's command works with: the service's own parts, by its own rights. */
export interface OperationTools {
  database: Database;
  createUser: CreateUser;
  /** Somebody by id, proven e-mail address or phone number, or username. */
  findPerson(text: string): Promise<KnownPerson | undefined>;
  listSessions: ListSessions;
  endSessions: Pick<EndSessions, 'endAll'>;
  describeSubject: DescribeSubject;
  liftLock: LiftLock;
  listMessages: ListMessages;
  replayMessage: ReplayMessage;
  importUsers: ImportUsers;
  afterRestore: AfterRestore;
  /** What the worker does by itself to keep retentions, all of it once. */
  purge(): Promise<void>;
  /** What Keycloak hashes passwords with. */
  hashMemoryKib: number;
  /** Writes down, as the operator's act, what was done. */
  record(sql: Sql, act: OperatorsAct): Promise<void>;
  /** The first line of stdin. */
  readLine(): Promise<string>;
  /** Lines of a file, or of stdin for `-`; undefined when there is no such file to be read. */
  readLines(file: string): Promise<AsyncIterable<string> | undefined>;
  /** Who runs the command, as the audit trail will say. */
  visitor: Visitor;
  /** Prints a line on stdout. */
  say(text: string): void;
}

export interface OperatorsAct {
  action: AuditAction;
  subject: Subject;
  after?: Record<string, unknown>;
}

/** Whose act it is, where the same act done over HTTP would be the person's own. */
export const OPERATOR = { type: 'system', id: 'operations' } as const;
