import { defineProblems } from '../errors/problem.js';

export const organizationErrors = defineProblems('organization', {
  suspended: [409, 'The organizer or merchant is suspended'],
  member_suspended: [409, 'The member is suspended'],
  unknown_person: [422, 'There is no such person'],
});

export const invitationErrors = defineProblems('invitation', {
  not_found: [404, 'There is no such invitation for you'],
  exists: [409, 'This person is invited to this already'],
  not_open: [409, 'The invitation was accepted or withdrawn'],
  not_served: [422, 'No message can be sent to this number'],
  too_soon: [429, 'The invitation was sent a moment ago, or too often'],
});
