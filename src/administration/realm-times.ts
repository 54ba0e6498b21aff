import type { KeycloakAdmin } from '../keycloak-gateway/index.js';

/**
 * The realm's session times must carry ours (D4): Keycloak would otherwise end, between two of our checks,
 * sessions that we still call alive. Answers the problems, each naming the setting to change.
 */
export async function findRealmTimeProblems(
  keycloak: Pick<KeycloakAdmin, 'realmTimes'>,
  ours: { keycloakRecheckS: number; absoluteTtlS: number; idleTtlS: number },
): Promise<string[]> {
  const { idle, maximum } = await keycloak.realmTimes();
  return [
    ...(idle < 4 * ours.keycloakRecheckS
      ? [`the realm's SSO session idle (${idle} s) must be at least four times IDENTITY_KEYCLOAK_RECHECK_S`]
      : []),
    ...(idle < ours.idleTtlS + ours.keycloakRecheckS
      ? [
          `the realm's SSO session idle (${idle} s) must be at least IDENTITY_SESSION_IDLE_TTL_S and ` +
            'IDENTITY_KEYCLOAK_RECHECK_S together',
        ]
      : []),
    ...(maximum < ours.absoluteTtlS
      ? [`the realm's SSO session max (${maximum} s) must be at least IDENTITY_SESSION_ABSOLUTE_TTL_S`]
      : []),
  ];
}
