import type { JsonObject } from '../json.ts';
import { readOptional, refuseNamed, withoutNulls } from './request-fields.ts';
import { readBoolean, readObject, readString, refuseOthers } from './responses-fields.ts';

/**
 * `response_format` and `verbosity` of a chat for `text` of a request to the Responses API. Throws Untranslatable.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export function toChatTextSettings(value: unknown, name: string): JsonObject {
  const text = readObject(value, name);
  refuseOthers(text, ['format', 'verbosity'], name);
  return withoutNulls({
    response_format: readOptional(toResponseFormat, text['format'], `${name}.format`),
    verbosity: readOptional(readString, text['verbosity'], `${name}.verbosity`),
  });
}

function toResponseFormat(value: unknown, name: string): JsonObject | undefined {
  const format = readObject(value, name);
  const type = readString(format['type'], `${name}.type`);
  switch (type) {
    case 'text':
      return undefined;
    case 'json_object':
      return { type };
    case 'json_schema':
      return { type, json_schema: toJsonSchema(format, name) };
    default:
      return refuseNamed(`${name}: ${type}`);
  }
}

function toJsonSchema(format: JsonObject, name: string): JsonObject {
  refuseOthers(format, ['type', 'name', 'schema', 'strict', 'description'], name);
  return withoutNulls({
    name: readString(format['name'], `${name}.name`),
    description: readOptional(readString, format['description'], `${name}.description`),
    schema: readObject(format['schema'], `${name}.schema`),
    strict: readOptional(readBoolean, format['strict'], `${name}.strict`),
  });
}
