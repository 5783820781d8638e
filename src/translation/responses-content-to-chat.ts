import type { JsonObject } from '../json.ts';
import {
  isAbsent,
  noEquivalent,
  quoteName,
  readOptional,
  refuseNamed,
  withoutNulls,
} from './request-fields.ts';
import { readList, readObject, readString } from './responses-fields.ts';
import { Untranslatable } from './untranslatable.ts';

export type ChatRole = 'user' | 'assistant' | 'system' | 'tool';

/** A part of a chat message: text, image_url, file or refusal. */
export type ChatPart = JsonObject;

/**
 * The parts of a message's `content`, or of a function's `output`: a string, or parts of the Responses API. `name` says
 * where it stands. Throws Untranslatable for what a chat message of this role can't hold.
 */
export function toChatParts(content: unknown, role: ChatRole, name: string): ChatPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return readList(content, name).map((part, index) =>
    toChatPart(readObject(part, `${name}[${index}]`), role, `${name}[${index}]`),
  );
}

/** A single text goes as a plain string: not every compatible server knows lists of parts. */
export function toChatContent(parts: readonly ChatPart[]): string | readonly ChatPart[] {
  const [first] = parts;
  if (first === undefined) return '';
  const { type, text } = first;
  return parts.length === 1 && type === 'text' && typeof text === 'string' ? text : parts;
}

function toChatPart(part: JsonObject, role: ChatRole, name: string): ChatPart {
  const type = readString(part['type'], `${name}.type`);
  switch (type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: readString(part['text'], `${name}.text`) };
    case 'input_image':
      if (role !== 'user') break;
      return toImagePart(part, name);
    case 'input_file':
      if (role !== 'user') break;
      return toFilePart(part, name);
    case 'refusal':
      if (role !== 'assistant') break;
      return { type: 'refusal', refusal: readString(part['refusal'], `${name}.refusal`) };
  }
  throw noEquivalent(`${quoteName(type)} in a message of role \`${role}\``);
}

function toImagePart(part: JsonObject, name: string): ChatPart {
  refuseStoredFile(part);
  const url = readString(part['image_url'], `${name}.image_url`);
  const detail = readOptional(readString, part['detail'], `${name}.detail`);
  if (detail === 'original') refuseNamed('detail: original');
  return { type: 'image_url', image_url: withoutNulls({ url, detail }) };
}

function toFilePart(part: JsonObject, name: string): ChatPart {
  refuseStoredFile(part);
  if (!isAbsent(part['file_url'])) refuseNamed('file_url');
  const data = readString(part['file_data'], `${name}.file_data`);
  const filename = readOptional(readString, part['filename'], `${name}.filename`);
  return { type: 'file', file: withoutNulls({ filename, file_data: data }) };
}

function refuseStoredFile(part: JsonObject): void {
  if (isAbsent(part['file_id'])) return;
  throw new Untranslatable('`file_id` needs the provider that keeps the file');
}
