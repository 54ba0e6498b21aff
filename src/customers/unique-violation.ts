import { Problem } from '../errors/problem.js';
import { customerErrors } from './errors.js';

/** PostgreSQL's unique_violation, by the index that it names. */
const TAKEN: Record<string, (typeof customerErrors)['phone_taken']> = {
  Customer_phone: customerErrors.phone_taken,
  Customer_code: customerErrors.code_taken,
};

/** Rethrows; a phone number or a code that is taken becomes a 409. */
export function refuseWhenTaken(error: unknown): never {
  const { code, constraint } = error as { code?: string; constraint?: string };
  const kind = code === '23505' && constraint !== undefined ? TAKEN[constraint] : undefined;
  if (!kind) throw error;
  throw new Problem(kind, { cause: error });
}
