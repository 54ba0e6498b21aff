import { PLATFORM_ROLE } from './administrator.js';
import type { SubjectPolicies } from './load-policies.js';
import { PLATFORM } from './policy-domain.js';
import { ACTIONS, type Variant } from './policy-row.js';
import { type NewPolicy, unenforceable } from './stored-policy.js';

interface Shape {
  subjects: readonly string[];
  targets: readonly string[];
  /** Whether a domain means something. */
  domain?: boolean;
  /** Whether action and effect do. */
  action?: boolean;
}

const BEARERS = ['User', 'Service'];
const GRANT: Shape = {
  subjects: ['User', 'Service', 'Role'],
  targets: ['Permission'],
  domain: true,
  action: true,
};
const ASSIGNMENT: Shape = { subjects: BEARERS, targets: ['Role'], domain: true };

/** Between what a row of each variant can say something. */
const SHAPES: Record<Variant, Shape> = {
  grant: GRANT,
  policy: GRANT,
  assign_role: ASSIGNMENT,
  group: ASSIGNMENT,
  role_inherits: { subjects: ['Role'], targets: ['Role'] },
  join_domain: { subjects: BEARERS, targets: ['Organizer', 'Merchant'] },
  domain_inherits: { subjects: ['Merchant', 'Organizer'], targets: ['Organizer'] },
  resource_inherits: { subjects: ['Resource'], targets: ['Resource'] },
  action_inherits: { subjects: ['Action'], targets: ['Action'] },
};

/**
 * A row that would stay without effect, or have another than it says, is refused.
 * @throws Problem `policy.not_enforceable` (422)
 */
export function checkShape(policy: NewPolicy): void {
  const shape: Shape | undefined = SHAPES[policy.variant as Variant];
  if (!shape) throw unenforceable('variant', `Rows of ${policy.variant} are inert`);
  const among = (path: 'subjectType' | 'targetType', types: readonly string[]) => {
    if (!types.includes(policy[path]))
      throw unenforceable(path, `With ${policy.variant} this is ${types.join(' or ')}`);
  };
  among('subjectType', shape.subjects);
  among('targetType', shape.targets);
  if (!shape.domain && policy.domain !== null)
    throw unenforceable('domain', 'Means nothing with this variant');
  if (!shape.action && (policy.action !== null || policy.effect !== null))
    throw unenforceable('action', 'Action and effect mean nothing with this variant');
  if (policy.variant === 'action_inherits') checkActions(policy);
}

function checkActions({ subjectId, targetId }: NewPolicy): void {
  const isAction = (text: string) => (ACTIONS as readonly string[]).includes(text);
  if (!isAction(subjectId)) throw unenforceable('subjectId', `There is no action ${subjectId}`);
  if (!isAction(targetId)) throw unenforceable('targetId', `There is no action ${targetId}`);
}

/**
 * A role that is suspended confers nothing, and hides what it would. The one that administers the platform is held
 * everywhere or not at all: tokens name roles without where.
 * @param given the role that the row assigns, with all that it inherits
 * @throws Problem `policy.not_enforceable` (422)
 */
export function checkGivenRole({ domain }: NewPolicy, { active, index }: SubjectPolicies): void {
  if (!active) throw unenforceable('targetId', 'The role is suspended');
  const isOfPlatform = index.rolesAt('').some(({ identifier }) => identifier === PLATFORM_ROLE);
  if (isOfPlatform && domain !== null && domain !== PLATFORM)
    throw unenforceable('domain', `${PLATFORM_ROLE} is held everywhere, not in one domain`);
}
