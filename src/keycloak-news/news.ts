/** Something that happened in Keycloak: who and where. What it is now is looked up. */
export interface News {
  /** Keycloak's, or one of ours that follows from it. */
  id: string;
  /** Milliseconds since 1970, by Keycloak's clock. */
  at: number;
  /** Of a user's event, such as `LOGOUT`; `ADMIN.<operation>` for an administrator's. */
  type: string;
  userId?: string | undefined;
  sessionId?: string | undefined;
  /** Of an administrator's event, such as `users/<id>/logout`. */
  path?: string | undefined;
  /** Who did it, by an administrator's right. */
  actorId?: string | undefined;
}

/** What news is about; undefined when it is about nothing of ours. */
export type Matter =
  | { kind: 'session-over'; sid: string }
  /** Signed out by an administrator, here and there. */
  | { kind: 'person-out'; keycloakId: string }
  /** Everybody was signed out. */
  | { kind: 'everybody-out' }
  /** Whoever knew the old password is out; the session that set the new one is not. */
  | { kind: 'password-new'; keycloakId: string; keptSid: string | undefined }
  /** Enabled, data, roles: whatever of them it is. */
  | { kind: 'person'; keycloakId: string }
  | { kind: 'group'; groupId: string }
  /** A role is other than it was; `role` where its holders can be asked for. */
  | { kind: 'role'; role: { name: string } | { id: string } | undefined };

/** Types of users' events that are about anything; the rest need not be read. */
export const USER_EVENTS = [
  'LOGOUT',
  'USER_SESSION_DELETED',
  'UPDATE_CREDENTIAL',
  'UPDATE_PASSWORD',
  'UPDATE_EMAIL',
  'VERIFY_EMAIL',
  'UPDATE_PROFILE',
  'DELETE_ACCOUNT',
  'USER_DISABLED_BY_PERMANENT_LOCKOUT',
] as const;

/** The type of news of ours: somebody has to be looked up, for a reason that another row names. */
export const LOOK = 'LOOK';

/** Reads off what news is about. `UPDATE_CREDENTIAL` must be of a password: who hands it over has seen to that. */
export function matterOf({ type, userId, sessionId, path }: News): Matter | undefined {
  if (path !== undefined) return ofPath(path.split('/'), type);
  if (type === 'LOGOUT' || type === 'USER_SESSION_DELETED')
    return sessionId === undefined ? undefined : { kind: 'session-over', sid: sessionId };
  if (userId === undefined) return undefined;
  if (type === 'UPDATE_CREDENTIAL' || type === 'UPDATE_PASSWORD')
    return { kind: 'password-new', keycloakId: userId, keptSid: sessionId };
  const isKnown = type === LOOK || (USER_EVENTS as readonly string[]).includes(type);
  return isKnown ? { kind: 'person', keycloakId: userId } : undefined;
}

function ofPath([place, id, part]: string[], type: string): Matter | undefined {
  if (place === 'logout-all') return { kind: 'everybody-out' };
  if (id === undefined) return undefined;
  if (place === 'sessions') return { kind: 'session-over', sid: id };
  if (place === 'users') return ofPerson(id, part, type);
  const isGone = type === 'ADMIN.DELETE' && part === undefined;
  // Whose roles came from a group that is gone can't be asked any more.
  if (place === 'groups') return isGone ? { kind: 'role', role: undefined } : { kind: 'group', groupId: id };
  if (type === 'ADMIN.CREATE' && part === undefined) return undefined;
  if (place === 'roles') return { kind: 'role', role: isGone ? undefined : { name: decoded(id) } };
  if (place === 'roles-by-id') return { kind: 'role', role: isGone ? undefined : { id } };
  return undefined;
}

/** A part of a path; what is no encoding stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Parts of a user's path that are about their standing; credentials of other kinds, mails and consents are not. */
const OF_STANDING = ['role-mappings', 'groups', undefined];

function ofPerson(keycloakId: string, part: string | undefined, type: string): Matter | undefined {
  if (part === 'logout') return { kind: 'person-out', keycloakId };
  if (part === 'reset-password') return { kind: 'password-new', keycloakId, keptSid: undefined };
  if (part === undefined && type === 'ADMIN.CREATE') return undefined;
  return OF_STANDING.includes(part) ? { kind: 'person', keycloakId } : undefined;
}
