import { asJsonObject, type JsonObject } from '../json.ts';
import { readObject, readString, refuse, refuseNamed } from './request-fields.ts';

export type ChatPartType = 'text' | 'refusal' | 'image_url' | 'file';

// https://platform.claude.com/docs/en/build-with-claude/vision
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/**
 * The content of a chat message as Anthropic's blocks, without text that is blank: Anthropic answers
 * 400 to a text block without text. Refuses parts of other types than `allowed`.
 */
export function toMessagesContent(
  content: unknown,
  allowed: readonly ChatPartType[],
): JsonObject[] {
  if (content === undefined) return [];
  if (typeof content === 'string') return toTextBlocks(content);
  if (!Array.isArray(content)) {
    return refuse('the content of a message is neither text nor a list of parts');
  }
  return content.flatMap((value: unknown) => {
    const part = readObject(value, 'a part of a message');
    // Mistral's: no other provider can check or use it.
    if (part['type'] === 'thinking') return [];
    const type = allowed.find((each) => each === part['type']) ?? refuseNamed(part['type']);
    return toBlocks(type, part).map((block) => withCacheControl(block, part));
  });
}

function toBlocks(type: ChatPartType, part: JsonObject): JsonObject[] {
  switch (type) {
    case 'text':
    case 'refusal':
      return toTextBlocks(part[type]);
    case 'image_url':
      return [toImageBlock(part['image_url'])];
    case 'file':
      return [toDocumentBlock(asJsonObject(part['file']) ?? {})];
  }
}

function toTextBlocks(text: unknown): JsonObject[] {
  return readString(text, 'the text of a part').trim() === '' ? [] : [{ type: 'text', text }];
}

/** Of an object with the URL or, as Mistral also takes it, the URL itself. `detail` is a hint about cost, and left out. */
function toImageBlock(image: unknown): JsonObject {
  const url = readString(asJsonObject(image)?.['url'] ?? image, 'the URL of an image');
  if (/^https?:/i.test(url)) return { type: 'image', source: { type: 'url', url } };
  const source = toBase64Source(url) ?? refuse('the URL of an image is neither http nor base64');
  if (!imageTypes.has(source.media_type)) {
    return refuse('the image is not a JPEG, PNG, GIF or WebP');
  }
  return { type: 'image', source };
}

/** https://platform.claude.com/docs/en/build-with-claude/pdf-support */
function toDocumentBlock({ file_data: data, file_id: id, filename }: JsonObject): JsonObject {
  if (typeof id === 'string') return refuseNamed('file_id');
  const source = typeof data === 'string' ? toBase64Source(data) : undefined;
  if (source?.media_type !== 'application/pdf') return refuse('the file is not a PDF in base64');
  return {
    type: 'document',
    source,
    ...(typeof filename === 'string' && filename !== '' ? { title: filename } : {}),
  };
}

interface Base64Source {
  readonly type: 'base64';
  readonly media_type: string;
  readonly data: string;
}

/** What is in a data: URL (RFC 2397) of base64; undefined when it is none. */
function toBase64Source(url: string): Base64Source | undefined {
  const comma = url.indexOf(',');
  const [mediaType = '', ...parameters] = url.slice(0, comma).toLowerCase().split(';');
  if (comma === -1 || !mediaType.startsWith('data:') || parameters.at(-1) !== 'base64') {
    return undefined;
  }
  const data = url.slice(comma + 1);
  return { type: 'base64', media_type: mediaType.slice('data:'.length), data };
}

/** Not OpenAI's, but clients that know what stands behind a gateway send it. */
function withCacheControl(block: JsonObject, part: JsonObject): JsonObject {
  const cacheControl = asJsonObject(part['cache_control']);
  return cacheControl === undefined ? block : { ...block, cache_control: cacheControl };
}
