import { readFileSync } from 'node:fs';
import { DefaultRoleManager, type Enforcer, newEnforcer, newModelFromString } from 'casbin';
import type { ActiveRole, Question } from '../../src/policies/policy-index.js';
import { LATTICE, type PolicyRow, type PolicySubject } from '../../src/policies/policy-row.js';

const MODEL = readFileSync('src/policies/policy-model.conf', 'utf8');
const DEEPEST = 10;
const prefixes = (name: string) =>
  name.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'));

/** Being a member of a domain is being one of all below it. */
class Memberships extends DefaultRoleManager {
  readonly #joined = new Map<string, Set<string>>();
  constructor(private readonly domains: () => DefaultRoleManager) {
    super(DEEPEST);
  }
  override async clear() {
    this.#joined.clear();
  }
  override async addLink(member: string, domain: string) {
    this.#joined.set(member, (this.#joined.get(member) ?? new Set()).add(domain));
  }
  override syncedHasLink(member: string, domain: string) {
    const joined = [...(this.#joined.get(member) ?? [])];
    return joined.some((one) => this.domains().syncedHasLink(domain, one));
  }
}

/** A thing belongs to what it, or what stands before its dots, belongs to. */
class Resources extends DefaultRoleManager {
  override syncedHasLink(requested: string, granted: string) {
    return prefixes(requested).some((name) => super.syncedHasLink(name, granted));
  }
}

/** casbin itself, with the model of the repository: what `policy-index.ts` has to equal. */
export async function askCasbin(
  subject: PolicySubject,
  rows: readonly PolicyRow[],
  roles: readonly ActiveRole[],
) {
  const enforcer: Enforcer = await newEnforcer(newModelFromString(MODEL));
  const domains = new DefaultRoleManager(DEEPEST);
  const holding = new DefaultRoleManager(DEEPEST);
  await holding.addDomainMatchingFunc((_requested, held) => held === '*');
  await holding.addDomainHierarchy({
    syncedHasLink: (held: string, requested: string) => domains.syncedHasLink(requested, held),
  } as unknown as DefaultRoleManager);
  enforcer.setRoleManager(holding);
  enforcer.setNamedRoleManager('g2', new Memberships(() => domains));
  enforcer.setNamedRoleManager('g3', domains);
  enforcer.setNamedRoleManager('g4', new Resources(DEEPEST));
  enforcer.setNamedRoleManager('g5', new DefaultRoleManager(DEEPEST));
  await enforcer.addFunction(
    'objectMatch',
    (requested: string, granted: string) => granted === '*' || prefixes(requested).includes(granted),
  );
  const model = enforcer.getModel();
  for (const [type, ...values] of lines(subject, rows, roles)) {
    model.addPolicy(type === 'p' ? 'p' : 'g', type, values);
  }
  await enforcer.buildRoleLinks();
  return {
    allows: ({ domain, object, action }: Question): boolean =>
      enforcer.enforceSync(`${subject.type}_${subject.id}`, `=${domain}`, object, action),
  };
}

/** The rows as casbin's lines. Names of domains begin with `=`, so that no row can say what only the model may. */
function lines(
  subject: PolicySubject,
  rows: readonly PolicyRow[],
  roles: readonly ActiveRole[],
): [string, ...string[]][] {
  const isActive = (row: PolicyRow) =>
    row.subjectType !== 'Role' || roles.some(({ id }) => id === row.subjectId);
  return [
    ...LATTICE.map(([narrow, wide]): [string, ...string[]] => ['g5', narrow, wide]),
    ...rows.flatMap((row): [string, ...string[]][] => {
      const self = `${row.subjectType}_${row.subjectId}`;
      const target = `${row.targetType}_${row.targetId}`;
      switch (row.variant) {
        case 'grant':
        case 'policy': {
          const action = row.action ?? row.permitted;
          if (row.targetType !== 'Permission' || row.object === null || action === null || !isActive(row))
            return [];
          const effect = row.effect === null || row.effect === 'allow' ? 'allow' : 'deny';
          return [['p', self, grantDomain(row), row.object, action, effect]];
        }
        case 'assign_role':
        case 'group':
          if (row.targetType !== 'Role' || row.subjectType === 'Role') return [];
          return [['g', self, target, domain(row, '*')]];
        case 'role_inherits':
          return row.subjectType === 'Role' && row.targetType === 'Role' ? [['g', self, target, '*']] : [];
        case 'join_domain':
          return self === `${subject.type}_${subject.id}` ? [['g2', self, `=${target}`]] : [];
        case 'domain_inherits':
          return [['g3', `=${self}`, `=${target}`]];
        case 'resource_inherits':
          return [['g4', row.subjectId, row.targetId]];
        case 'action_inherits':
          return [['g5', row.subjectId, row.targetId]];
        default:
          return [];
      }
    }),
  ];
}

function domain({ domain: text, domainType, domainId }: PolicyRow, everywhere: string): string {
  if (domainType) {
    const id = domainId ?? (text === null ? '' : text.slice(text.indexOf('_') + 1));
    const name = id === '' || id === domainType ? domainType : `${domainType}_${id}`;
    return name === 'Platform' ? everywhere : `=${name}`;
  }
  return text === null || text === '' || text === 'Platform' ? everywhere : `=${text}`;
}

function grantDomain(row: PolicyRow): string {
  const name = domain(row, 'SYSTEM_WIDE');
  return name === '=SYSTEM_WIDE' || name === '=ANY_MEMBER' ? name.slice(1) : name;
}
