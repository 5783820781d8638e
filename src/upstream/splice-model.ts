// Parsing and printing would change 1.0, long integers and duplicate keys, so `model` is replaced
// where it stands. The scanner finds the members of the top level; it does not validate the rest.

import { RouterError } from '../errors.ts';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the place of the top-level `model`. The result gives the same JSON object, byte for byte, but with another model
 * there (in front when there was none). Linear in the size of the body, whatever its nesting.
 * Throws `invalid_request` when the body is not an object or names the model twice.
 */
export function openModelSlot(body: Buffer): (model: string) => Buffer {
  const open = skipWhitespace(body, hasByteOrderMark(body) ? 3 : 0);
  if (body[open] !== openBrace) throw notAnObject();

  const first = skipWhitespace(body, open + 1);
  const found = body[first] === closeBrace ? undefined : findModel(body, first);
  return (model) => {
    const value = JSON.stringify(model);
    return found === undefined
      ? insertMember(body, `"model":${value}`)
      : Buffer.concat([
          body.subarray(0, found.start),
          Buffer.from(value),
          body.subarray(found.end),
        ]);
  };
}

/** The same JSON object with one more member in front; `member` is JSON text. The body is one that has been looked at here. */
export function insertMember(body: Buffer, member: string): Buffer {
  const open = skipWhitespace(body, hasByteOrderMark(body) ? 3 : 0);
  const isEmpty = body[skipWhitespace(body, open + 1)] === closeBrace;
  const text = `${member}${isEmpty ? '' : ','}`;
  return Buffer.concat([body.subarray(0, open + 1), Buffer.from(text), body.subarray(open + 1)]);
}

/** Where the value of `model` stands among the members that begin at `position`. */
function findModel(body: Buffer, position: number): Span | undefined {
  let found: Span | undefined;
  let keyStart = position;
  for (;;) {
    if (body[keyStart] !== quote) throw notAnObject();
    const keyEnd = skipString(body, keyStart);
    const separator = skipWhitespace(body, keyEnd);
    if (body[separator] !== colon) throw notAnObject();
    const start = skipWhitespace(body, separator + 1);
    const end = skipValue(body, start);

    if (isModelKey(body.subarray(keyStart, keyEnd))) {
      if (found !== undefined) {
        throw new RouterError('invalid_request', "The body names 'model' more than once.", {
          param: 'model',
        });
      }
      found = { start, end };
    }

    const next = skipWhitespace(body, end);
    if (body[next] === closeBrace) return found;
    if (body[next] !== comma) throw notAnObject();
    keyStart = skipWhitespace(body, next + 1);
  }
}

/** Keys may be written with escapes: "\u006dodel" is the same key. */
function isModelKey(key: Buffer): boolean {
  if (!key.includes(backslash)) return key.equals(plainModelKey);
  // Six bytes a character is the longest way to write it; longer keys need no decoding.
  if (key.length > 2 + 6 * 'model'.length) return false;
  try {
    return JSON.parse(key.toString()) === 'model';
  } catch (cause) {
    throw notAnObject(cause);
  }
}

const plainModelKey = Buffer.from('"model"');

function hasByteOrderMark(body: Buffer): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}

function skipValue(body: Buffer, start: number): number {
  const byte = body[start];
  if (byte === quote) return skipString(body, start);
  if (byte === openBrace || byte === openBracket) return skipNested(body, start);

  let position = start;
  while (position < body.length && !isEndOfScalar(body[position])) position += 1;
  if (position === start) throw notAnObject();
  return position;
}

function skipNested(body: Buffer, start: number): number {
  let depth = 0;
  let position = start;
  while (position < body.length) {
    const byte = body[position];
    if (byte === quote) {
      position = skipString(body, position);
      continue;
    }
    position += 1;
    if (byte === openBrace || byte === openBracket) depth += 1;
    if (byte === closeBrace || byte === closeBracket) depth -= 1;
    if (depth === 0) return position;
  }
  throw notAnObject();
}

function skipString(body: Buffer, start: number): number {
  let from = start + 1;
  for (;;) {
    const end = body.indexOf(quote, from);
    if (end === -1) throw notAnObject();
    if (!isEscaped(body, end)) return end + 1;
    from = end + 1;
  }
}

/** By an odd number of backslashes; the quote that opens the string ends them at the latest. */
function isEscaped(body: Buffer, position: number): boolean {
  let first = position;
  while (body[first - 1] === backslash) first -= 1;
  return (position - first) % 2 === 1;
}

function skipWhitespace(body: Buffer, start: number): number {
  let position = start;
  while (isWhitespace(body[position])) position += 1;
  return position;
}

function isEndOfScalar(byte: number | undefined): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || isWhitespace(byte);
}

function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function notAnObject(cause?: unknown): RouterError {
  return new RouterError('invalid_request', 'The body is not a JSON object.', { cause });
}
