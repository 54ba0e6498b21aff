import { z } from 'zod';
import type { RequestContext } from '../../http/request-context.js';

const MOST_NAMED = 10;
/** What a program's field is called; anything else could be somebody's data. */
const FIELD_NAME = /^[A-Za-z_][\w.-]{0,63}$/;

/** A body of C's dialect: what it doesn't know is let through to `noteIgnored`, which says so in the log. */
export const lenient = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape);

/** Unknown fields are ignored in this dialect and logged (contract, introduction): by name alone, never their values. */
export function noteIgnored(
  schema: { shape: object },
  body: Record<string, unknown>,
  context: Pick<RequestContext, 'note'>,
): void {
  const ignored = Object.keys(body).filter((name) => !Object.hasOwn(schema.shape, name));
  if (ignored.length === 0) return;
  const named = ignored.slice(0, MOST_NAMED).map((name) => (FIELD_NAME.test(name) ? name : '?'));
  context.note({ 'request.ignored_fields': named.join(',') });
}
