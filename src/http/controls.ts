import type { Request } from 'express';
import { RouterError } from '../errors.ts';

/** What a request asks of the router itself, in headers that no SDK touches. */
export interface Controls {
  readonly className: string | undefined;
  readonly model: string | undefined;
  /** Only the first candidate is asked. */
  readonly noFallback: boolean;
  /** The reply carries what the decision rests on. */
  readonly explain: boolean;
  /** For the whole request; a shorter one than configured. */
  readonly timeoutMs: number | undefined;
  /** Names the conversation that the request belongs to. */
  readonly conversation: string | undefined;
}

const prefix = 'x-switchyard-';
const identifier = /^[\x21-\x7e]{1,200}$/;

/** Throws RouterError `invalid_request` that names the header. */
export function readControls(request: Request): Controls {
  const header = (name: string) => request.get(`${prefix}${name}`);
  return {
    className: header('class'),
    model: header('model'),
    noFallback: toFlag('no-fallback', header('no-fallback')),
    explain: toFlag('explain', header('explain')),
    timeoutMs: toMilliseconds('timeout-ms', header('timeout-ms')),
    conversation: toIdentifier('conversation', header('conversation')),
  };
}

function toFlag(name: string, value = ''): boolean {
  if (['1', 'true'].includes(value)) return true;
  if (['', '0', 'false'].includes(value)) return false;
  throw invalid(name, 'is 1 or 0');
}

function toMilliseconds(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw invalid(name, 'is a number of milliseconds');
}

function toIdentifier(name: string, value: string | undefined): string | undefined {
  if (value === undefined || identifier.test(value)) return value;
  throw invalid(name, 'has 1 to 200 printable characters');
}

function invalid(name: string, rule: string): RouterError {
  return new RouterError('invalid_request', `The header ${prefix}${name} ${rule}.`);
}
