import type AuthenticationFlowRepresentation from '@keycloak/keycloak-admin-client/lib/defs/authenticationFlowRepresentation.js';
import { findDifferences } from './compare.js';
import { missing, type Repair, surplus } from './difference.js';
import { type DeclaredStep, declaredSteps, liveSteps, pairSteps } from './flow-steps.js';
import { keepExecution } from './keep-execution.js';
import { applyAll, type Keeper, type Kept } from './keeper.js';

/**
 * The declared flows, exactly: a step more or a requirement less decides who gets in. Whoever wants another flow
 * makes one of their own in the console; nothing here touches it.
 */
export const keepFlows: Keeper = async function* (kept) {
  const { authenticationManagement } = kept.keycloak;
  const flows = await authenticationManagement.getFlows();
  for (const flow of kept.declared.authenticationFlows ?? []) {
    if (!flow.topLevel) continue; // kept where its parent names it
    const live = flows.find(({ alias }) => alias === flow.alias);
    const { authenticationExecutions: _, ...bare } = flow;
    if (live) yield* keepFlow(kept, flow, live);
    else {
      yield {
        differences: [missing(`flows.${flow.alias}`)],
        apply: async () => {
          await authenticationManagement.createFlow(bare);
          await applyAll(keepSteps(kept, flow));
        },
      };
    }
  }
};

async function* keepFlow(
  kept: Kept,
  flow: AuthenticationFlowRepresentation,
  live: AuthenticationFlowRepresentation,
): AsyncGenerator<Repair> {
  const { authenticationManagement } = kept.keycloak;
  const { description = '' } = flow;
  const differences = findDifferences(`flows.${flow.alias}`, { description }, live);
  if (differences.length > 0) {
    const apply = () =>
      authenticationManagement.updateFlow({ flowId: live.id ?? '' }, { ...live, description });
    yield { differences, apply };
  }
  yield* keepSteps(kept, flow);
}

async function* keepSteps(kept: Kept, flow: AuthenticationFlowRepresentation): AsyncGenerator<Repair> {
  const alias = flow.alias ?? '';
  const path = `flows.${alias}`;
  const declared = declaredSteps(kept.declared, flow);
  const live = await liveSteps(kept.keycloak, alias);
  const { pairs, missing: absent, surplus: extra } = pairSteps(declared, live);
  for (const step of absent) {
    yield { differences: [missing(`${path}.${step.name}`)], apply: () => addStep(kept, alias, step) };
  }
  for (const { step, live: found } of pairs) {
    yield* keepExecution(kept, alias, step, found);
    if (step.subFlow) yield* keepSteps(kept, step.subFlow);
  }
  // Last, so that what is declared is in force before anything is taken away.
  for (const { id = '', name } of extra) {
    const apply = () => kept.keycloak.authenticationManagement.delExecution({ id });
    yield { differences: [surplus(`${path}.${name}`)], apply };
  }
}

async function addStep(kept: Kept, flow: string, step: DeclaredStep): Promise<void> {
  const { authenticationManagement } = kept.keycloak;
  const { name, subFlow } = step;
  const before = new Set((await liveSteps(kept.keycloak, flow)).map(({ id }) => id));
  if (subFlow) {
    const { providerId: type = 'basic-flow', description = '' } = subFlow;
    // Asked for by the interface, used by forms only.
    const provider = 'registration-page-form';
    await authenticationManagement.addFlowToFlow({ flow, alias: name, type, provider, description });
  } else await authenticationManagement.addExecutionToFlow({ flow, provider: name });
  const added = (await liveSteps(kept.keycloak, flow)).find(({ id }) => !before.has(id));
  if (added) await applyAll(keepExecution(kept, flow, step, added));
  if (subFlow) await applyAll(keepSteps(kept, subFlow));
}
