import { z } from 'zod';
import type { KnownPerson } from '../people/index.js';
import { NOT_DONE } from './operation.js';
import type { OperationTools } from './operation-tools.js';

export const somebody = z.string().trim().min(1).max(320);

/** Does it to the person who is meant, if there is one. @returns the exit code */
export async function withPerson(
  { findPerson, say }: Pick<OperationTools, 'findPerson' | 'say'>,
  text: string,
  act: (person: KnownPerson) => Promise<number>,
): Promise<number> {
  const person = await findPerson(text);
  if (person) return act(person);
  say('Not done: nobody has that id, proven e-mail address, proven phone number or username.');
  return NOT_DONE;
}
