import type KcAdminClient from '@keycloak/keycloak-admin-client';
import type AuthenticationExecutionInfoRepresentation from '@keycloak/keycloak-admin-client/lib/defs/authenticationExecutionInfoRepresentation.js';
import type AuthenticationFlowRepresentation from '@keycloak/keycloak-admin-client/lib/defs/authenticationFlowRepresentation.js';
import type AuthenticatorConfigRepresentation from '@keycloak/keycloak-admin-client/lib/defs/authenticatorConfigRepresentation.js';
import type { RealmDeclaration } from './declaration.js';

/** A step of a flow as declared: an authenticator, or a flow below it. */
export interface DeclaredStep {
  /** The authenticator's id, or the sub-flow's alias. */
  name: string;
  requirement: string;
  priority: number;
  config?: AuthenticatorConfigRepresentation;
  subFlow?: AuthenticationFlowRepresentation;
}

export type LiveStep = AuthenticationExecutionInfoRepresentation & { name: string; priority?: number };

export function declaredSteps(
  declared: RealmDeclaration,
  flow: AuthenticationFlowRepresentation,
): DeclaredStep[] {
  return (flow.authenticationExecutions ?? []).map((execution) => {
    const {
      authenticator,
      flowAlias,
      requirement = 'DISABLED',
      priority = 0,
      authenticatorConfig,
    } = execution;
    const config = declared.authenticatorConfig?.find(({ alias }) => alias === authenticatorConfig);
    const subFlow = declared.authenticationFlows?.find(({ alias }) => alias === flowAlias);
    if (authenticatorConfig && !config)
      throw new Error(`no authenticatorConfig named ${authenticatorConfig}`);
    if (flowAlias && !subFlow) throw new Error(`no authenticationFlow named ${flowAlias}`);
    return {
      name: flowAlias ?? authenticator ?? '',
      requirement,
      priority,
      ...(config ? { config } : {}),
      ...(subFlow ? { subFlow } : {}),
    };
  });
}

/** The steps directly in a flow; none where the flow itself is missing (a dry run). */
export async function liveSteps(keycloak: KcAdminClient, flow: string): Promise<LiveStep[]> {
  const executions =
    (await keycloak.authenticationManagement.getExecutions({ flow }, { catchNotFound: true })) ?? [];
  return executions
    .filter(({ level }) => level === 0)
    .map((execution) => ({
      ...execution,
      name: (execution.authenticationFlow ? execution.displayName : execution.providerId) ?? '',
    }));
}

/** Brings declared and live steps of one name together, the first with the first, the second with the second. */
export function pairSteps(declared: readonly DeclaredStep[], live: readonly LiveStep[]) {
  const left = [...live];
  const pairs: { step: DeclaredStep; live: LiveStep }[] = [];
  const missing: DeclaredStep[] = [];
  for (const step of declared) {
    const index = left.findIndex(({ name }) => name === step.name);
    const [found] = index < 0 ? [] : left.splice(index, 1);
    if (found) pairs.push({ step, live: found });
    else missing.push(step);
  }
  return { pairs, missing, surplus: left };
}
