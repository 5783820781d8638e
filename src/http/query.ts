import type { Request } from 'express';
import type { z } from 'zod';
import { RouterError } from '../errors.ts';

/** Checks the parameters of a request's address. Throws RouterError naming the one that is wrong. */
export function parseQuery<T>(request: Request, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
  throw new RouterError('invalid_request', `${param}: ${describe(issue)}`, {
    ...(param === undefined ? {} : { param }),
  });
}

function describe(issue: z.core.$ZodIssue | undefined): string | undefined {
  return issue?.code === 'unrecognized_keys' ? 'there is no such parameter' : issue?.message;
}
