import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import { messageOf, RouterError } from '../errors.ts';

/** Reads the body as bytes: upstreams get what the client wrote, not what we would write. */
export function readRawBody(maxBytes: number): RequestHandler {
  return express.raw({ type: () => true, limit: maxBytes });
}

/**
 * Requires `application/json`. A page on another origin can only send that after a preflight, which
 * this server never answers, so a browser can't be made to spend the owner's money.
 */
export const requireJson: RequestHandler = (request, _response, next) => {
  if (!request.is('application/json')) {
    throw new RouterError('unsupported_media_type', 'The content type must be application/json.');
  }
  next();
};

/** The body's bytes; empty when there was none. */
export function rawBodyOf(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** Parses the body and checks what this endpoint reads of it. Throws RouterError naming the field. */
export function parseBody<T>(request: Request, schema: z.ZodType<T>): T {
  const bytes = rawBodyOf(request);
  if (bytes.length === 0) throw new RouterError('invalid_request', 'The body is empty.');
  if (!isUtf8(bytes)) throw new RouterError('invalid_request', 'The body is not valid UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new RouterError('invalid_request', `The body is not valid JSON: ${messageOf(error)}`);
  }
  refuseLongLists(value);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = closest(parsed.error.issues[0]);
  const param = issue?.path.join('.') ?? '';
  throw new RouterError('invalid_request', `${param || 'The body'}: ${issue?.message}`, {
    ...(param === '' ? {} : { param }),
  });
}

const longestList = 50_000;
/** As deep as the router reads: body, messages, message, content. */
const readDepth = 4;

/** A schema complains about every wrong item of a list: millions of them would hold up everybody else. */
function refuseLongLists(body: unknown): void {
  const path = findLongList(body, 0);
  if (path === undefined) return;
  const param = path.join('.');
  const message = `${param || 'The body'}: has more than ${longestList} items`;
  throw new RouterError('invalid_request', message, param === '' ? {} : { param });
}

/** The path of the first list that is too long. */
function findLongList(value: unknown, depth: number): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null || depth > readDepth) return undefined;
  if (Array.isArray(value) && value.length > longestList) return [];
  // No entries are made of it: this looks at every message of every request.
  for (const key in value) {
    const path = findLongList((value as Record<string, unknown>)[key], depth + 1);
    if (path !== undefined) return [key, ...path];
  }
  return undefined;
}

/** Where a value may have several forms, the complaint about the form that it came closest to. */
function closest(
  issue: z.core.$ZodIssue | undefined,
): { readonly path: readonly PropertyKey[]; readonly message: string } | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const inside = issue.errors
    .flatMap((issues) => closest(issues[0]) ?? [])
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  if (inside === undefined || inside.path.length === 0) return issue;
  return { path: [...issue.path, ...inside.path], message: inside.message };
}
