import { expect, test } from '@jest/globals';
import { createMessages } from '../../embedded/inbox/messages.js';

test('the inbox keeps the last messages and forgets older ones (D7)', () => {
  const messages = createMessages(2);
  for (const text of ['one', 'two', 'three']) messages.add({ channel: 'sms', to: '+84901000001', text });
  expect(messages.list().map(({ text }) => text)).toEqual(['three', 'two']);
});
