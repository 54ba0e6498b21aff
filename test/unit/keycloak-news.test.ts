import { describe, expect, test } from '@jest/globals';
import { matterOf } from '../../src/keycloak-news/news.js';

const about = (type: string, extra: object = {}) => matterOf({ id: 'one', at: 0, type, ...extra });
const byAdmin = (operation: string, path: string) => about(`ADMIN.${operation}`, { path });

describe('news is about', () => {
  test.each<[string, string, string, object | undefined]>([
    ['somebody changed', 'UPDATE', 'users/u', { kind: 'person', keycloakId: 'u' }],
    ['somebody gone', 'DELETE', 'users/u', { kind: 'person', keycloakId: 'u' }],
    ['nobody yet, who was made', 'CREATE', 'users/u', undefined],
    ['a person signed out', 'ACTION', 'users/u/logout', { kind: 'person-out', keycloakId: 'u' }],
    ['a password', 'ACTION', 'users/u/reset-password', { kind: 'password-new', keycloakId: 'u' }],
    ['a role given', 'CREATE', 'users/u/role-mappings/realm', { kind: 'person', keycloakId: 'u' }],
    ['a membership', 'DELETE', 'users/u/groups/g', { kind: 'person', keycloakId: 'u' }],
    ['a mail, which is nothing of ours', 'ACTION', 'users/u/execute-actions-email', undefined],
    ['a session', 'DELETE', 'sessions/s', { kind: 'session-over', sid: 's' }],
    ['everybody', 'ACTION', 'logout-all', { kind: 'everybody-out' }],
    ['a group’s roles', 'CREATE', 'groups/g/role-mappings/realm', { kind: 'group', groupId: 'g' }],
    ['a group that is gone', 'DELETE', 'groups/g', { kind: 'role', role: undefined }],
    ['a role that is gone', 'DELETE', 'roles/r', { kind: 'role', role: undefined }],
    ['a role that nobody has yet', 'CREATE', 'roles/r', undefined],
    ['a role’s parts', 'CREATE', 'roles/a%20b/composites', { kind: 'role', role: { name: 'a b' } }],
    ['a role with a bent name', 'UPDATE', 'roles/100%', { kind: 'role', role: { name: '100%' } }],
    ['a role’s parts, by its id', 'CREATE', 'roles-by-id/i/composites', { kind: 'role', role: { id: 'i' } }],
    ['a client, which is nothing of ours', 'UPDATE', 'clients/c', undefined],
    ['nothing', 'UPDATE', 'users', undefined],
  ])('%s', (_what, operation, path, matter) => {
    expect(byAdmin(operation, path)).toEqual(matter);
  });

  test.each<[string, object, object | undefined]>([
    ['LOGOUT', { sessionId: 's', userId: 'u' }, { kind: 'session-over', sid: 's' }],
    ['LOGOUT', { userId: 'u' }, undefined],
    ['USER_SESSION_DELETED', { sessionId: 's' }, { kind: 'session-over', sid: 's' }],
    [
      'UPDATE_CREDENTIAL',
      { sessionId: 's', userId: 'u' },
      { kind: 'password-new', keycloakId: 'u', keptSid: 's' },
    ],
    ['DELETE_ACCOUNT', { userId: 'u' }, { kind: 'person', keycloakId: 'u' }],
    ['UPDATE_EMAIL', { userId: 'u' }, { kind: 'person', keycloakId: 'u' }],
    ['UPDATE_EMAIL', {}, undefined],
    ['LOGIN', { userId: 'u', sessionId: 's' }, undefined],
  ])('a person’s own %s', (type, extra, matter) => {
    expect(about(type, extra)).toEqual(matter);
  });
});
