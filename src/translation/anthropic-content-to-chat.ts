import type { JsonObject } from '../json.ts';
import { noEquivalent, quoteName, readFields, readList, readString } from './request-fields.ts';

/** Every list of content may also be written as one string. Throws Untranslatable. */
export function readBlocks(content: unknown, what: string): readonly JsonObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return readList(content, what).map((block) => readFields(block, `a block of ${what}`));
}

/**
 * The parts of a user's message for one block that is neither a call nor a result: text, an image
 * (https://platform.claude.com/docs/en/build-with-claude/vision) or a document
 * (https://platform.claude.com/docs/en/build-with-claude/pdf-support).
 * Throws Untranslatable for any other block, and for a source that the provider couldn't read.
 */
export function toContentParts(block: JsonObject): JsonObject[] {
  switch (block['type']) {
    case 'text':
      return [toTextPart(toPlainText(block))];
    case 'image':
      return [{ type: 'image_url', image_url: { url: toImageUrl(block['source']) } }];
    case 'document':
      return toDocumentParts(block);
    default:
      throw unknownBlock(block);
  }
}

/** The text of a text block. What a past answer cited doesn't matter to the next one. */
export function toPlainText(block: JsonObject): string {
  if (block['type'] !== 'text') throw unknownBlock(block);
  return readString(block['text'], '`text` of a block');
}

export function unknownBlock({ type }: JsonObject): Error {
  return noEquivalent(`a block of type ${quoteName(type)}`);
}

function toTextPart(text: string): JsonObject {
  return { type: 'text', text };
}

function toImageUrl(value: unknown): string {
  const source = readFields(value, '`source` of an image');
  switch (source['type']) {
    case 'url':
      return readString(source['url'], '`url` of an image');
    case 'base64': {
      const mediaType = readString(source['media_type'], '`media_type` of an image');
      return toDataUrl(mediaType, readString(source['data'], '`data` of an image'));
    }
    default:
      throw noEquivalent(`an image from a source of type ${quoteName(source['type'])}`);
  }
}

function toDocumentParts(block: JsonObject): JsonObject[] {
  // An answer without the citations that were asked for is not the same answer.
  const citations = readFields(block['citations'] ?? {}, '`citations` of a document');
  if (citations['enabled'] === true) throw noEquivalent('`citations` of a document');

  const title = readOptionalText(block['title'], '`title` of a document');
  const context = readOptionalText(block['context'], '`context` of a document');
  const source = readFields(block['source'], '`source` of a document');
  if (source['type'] === 'text') {
    const text = readString(source['data'], '`data` of a document');
    return [toTextPart([title, context, text].filter((part) => part !== '').join('\n\n'))];
  }
  if (source['type'] !== 'base64') {
    throw noEquivalent(`a document from a source of type ${quoteName(source['type'])}`);
  }
  if (source['media_type'] !== 'application/pdf') {
    throw noEquivalent('a document in base64 that is not a PDF');
  }
  const data = toDataUrl('application/pdf', readString(source['data'], '`data` of a document'));
  const file = { filename: toFileName(title), file_data: data };
  return [...(context === '' ? [] : [toTextPart(context)]), { type: 'file', file }];
}

function readOptionalText(value: unknown, what: string): string {
  return value === undefined ? '' : readString(value, what);
}

/** OpenAI knows the kind of a file by its name. */
function toFileName(title: string): string {
  if (title === '') return 'document.pdf';
  return title.toLowerCase().endsWith('.pdf') ? title : `${title}.pdf`;
}

function toDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}
