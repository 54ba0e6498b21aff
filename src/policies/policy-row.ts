/** What a row of PolicyDefinition may say (contract §9); rows of any other variant are inert. */
export const VARIANTS = [
  'grant',
  'policy',
  'assign_role',
  'group',
  'role_inherits',
  'join_domain',
  'domain_inherits',
  'resource_inherits',
  'action_inherits',
] as const;
export type Variant = (typeof VARIANTS)[number];

export const ACTIONS = ['create', 'read', 'update', 'delete', 'execute', 'write', 'manage'] as const;
export type Action = (typeof ACTIONS)[number];

/** The lattice of actions, from the narrower to the wider: it holds whatever rows of `action_inherits` add. */
export const LATTICE: readonly (readonly [Action, Action])[] = [
  ['read', 'manage'],
  ['write', 'manage'],
  ['execute', 'manage'],
  ['create', 'write'],
  ['update', 'write'],
  ['delete', 'write'],
];

/** A row, as far as it counts for a decision. */
export interface PolicyRow {
  id: string;
  variant: string;
  subjectType: string;
  subjectId: string;
  targetType: string;
  targetId: string;
  action: string | null;
  effect: string | null;
  domain: string | null;
  domainType: string | null;
  domainId: string | null;
  /** Of the permission that a grant names: what may be done to which kind of thing, unless the row says otherwise. */
  object: string | null;
  permitted: string | null;
}

/** Whose rights are asked for: `User`, `Role`, `Service`, and its id. */
export interface PolicySubject {
  type: string;
  id: string;
}
