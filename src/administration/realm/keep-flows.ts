import type AuthenticationFlowRepresentation from '@keycloak/keycloak-admin-client/lib/defs/authenticationFlowRepresentation.js';
import { findDifferences } from './compare.js';
import { missing, type Repair, surplus } from './difference.js';
import { declaredSteps, liveSteps, pairSteps } from './flow-steps.js';
import { keepExecution } from './keep-execution.js';
import type { Keeper, Kept } from './keeper.js';

/**
 * The declared flows, exactly: a step more or a requirement less decides who gets in. Whoever wants another flow
 * makes one of their own in the console; nothing here touches it.
 */
export const keepFlows: Keeper = async function* (kept) {
  const { keycloak, declared } = kept;
  for (const flow of declared.authenticationFlows ?? []) {
    if (!flow.topLevel) continue; // kept where its parent names it
    const find = async () =>
      (await keycloak.authenticationManagement.getFlows()).find(({ alias }) => alias === flow.alias);
    if (!(await find())) {
      const { authenticationExecutions: _, ...bare } = flow;
      yield {
        differences: [missing(`flows.${flow.alias}`)],
        apply: () => keycloak.authenticationManagement.createFlow(bare),
      };
    }
    const live = await find();
    if (live) yield* keepFlow(kept, flow, live);
  }
};

async function* keepFlow(
  kept: Kept,
  flow: AuthenticationFlowRepresentation,
  live: AuthenticationFlowRepresentation,
): AsyncGenerator<Repair> {
  const alias = flow.alias ?? '';
  const path = `flows.${alias}`;
  const { authenticationManagement } = kept.keycloak;
  const differences = findDifferences(path, { description: flow.description }, live);
  if (differences.length > 0) {
    const flowId = live.id ?? '';
    const renewed = { ...live, description: flow.description ?? '' };
    yield { differences, apply: () => authenticationManagement.updateFlow({ flowId }, renewed) };
  }
  yield* keepSteps(kept, flow);
}

async function* keepSteps(kept: Kept, flow: AuthenticationFlowRepresentation): AsyncGenerator<Repair> {
  const alias = flow.alias ?? '';
  const path = `flows.${alias}`;
  const { authenticationManagement } = kept.keycloak;
  const declared = declaredSteps(kept.declared, flow);
  const before = pairSteps(declared, await liveSteps(kept.keycloak, alias));
  for (const { step } of before.missing) {
    yield {
      differences: [missing(`${path}.${step.name}`)],
      apply: () =>
        step.subFlow
          ? authenticationManagement.addFlowToFlow({
              flow: alias,
              alias: step.name,
              type: step.subFlow.providerId ?? 'basic-flow',
              provider: 'registration-page-form',
              description: step.subFlow.description ?? '',
            })
          : authenticationManagement.addExecutionToFlow({ flow: alias, provider: step.name }),
    };
  }
  // What was added is disabled until now; only then is what nobody declared taken away.
  const { pairs, surplus: extra } = pairSteps(declared, await liveSteps(kept.keycloak, alias));
  for (const { step, live } of pairs) yield* keepExecution(kept, alias, step, live);
  for (const { id = '', name } of extra) {
    yield {
      differences: [surplus(`${path}.${name}`)],
      apply: () => authenticationManagement.delExecution({ id }),
    };
  }
  for (const { step } of pairs) if (step.subFlow) yield* keepSteps(kept, step.subFlow);
}
