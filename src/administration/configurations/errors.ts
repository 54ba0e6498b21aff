import { defineProblems } from '../../errors/problem.js';

export const configurationErrors = defineProblems('configuration', {
  above_platform: [
    403,
    'Only an administrator of the platform lets a merchant spend more than the platform’s policy',
  ],
  exists: [409, 'There is a configuration of this code already'],
  sends_nothing: [409, 'A configuration of this code sends no message'],
  no_proven_recipient: [409, 'You have no proven address or number that this could be sent to'],
  credential_needed: [422, 'What the credential is shown to has changed: it has to be given again'],
});
