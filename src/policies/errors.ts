import { defineProblems } from '../errors/problem.js';

/** Why somebody may not administer rights, or why a write of theirs is refused. */
export const policyErrors = defineProblems('policy', {
  not_administrator: [403, 'Rights are administered by administrators, and inside an organizer by its owner'],
  other_subject: [403, 'Only administrators and services ask about others'],
  more_than_held: [403, 'Nobody gives more than they hold'],
  exists: [409, 'There is such a row already'],
  circle: [409, 'The row would close a circle'],
  too_deep: [409, 'The row would make a chain of more than ten steps'],
  last_administrator: [409, 'The platform would be left without an administrator'],
  last_owner: [409, 'The organizer would be left without an owner'],
  role_fixed: [409, 'The platform itself relies on this role'],
  kept_elsewhere: [409, 'The row is kept by Keycloak'],
  not_enforceable: [422, 'The row says nothing that could be enforced'],
  unknown_reference: [422, 'The row names something that does not exist'],
});
