import { z } from 'zod';
import type { ChatMessage } from '../routing/conversation/read-conversation.ts';
import { isUnkeptId } from '../translation/response-ids.ts';
import { imageUrl, modelName, refuse, tokenLimit } from './content-schemas.ts';
import { asksForSchema, type Door, needed } from './door.ts';

const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: imageUrl.nullish(),
});

const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(part)], 'expected text or a list of parts').nullish(),
});

const reference = 'item_reference';

export const responsesRequestSchema = z
  .looseObject({
    model: modelName,
    input: z.union([z.string(), z.array(item)], 'expected text or a list of items').optional(),
    stream: z.boolean().nullish(),
    max_output_tokens: tokenLimit,
  })
  .superRefine(
    refuse('messages', 'belongs to chat completions: send this request to /v1/chat/completions'),
  )
  .superRefine(({ input, previous_response_id: previous }, context) => {
    if (isUnkeptId(previous)) addUnkept(context, ['previous_response_id']);
    if (!Array.isArray(input)) return;
    const index = input.findIndex(
      ({ type, role, id }) => (type ?? role ?? reference) === reference && isUnkeptId(id),
    );
    if (index !== -1) addUnkept(context, ['input', index, 'id']);
  });

/** OpenAI would only say that there is no such item. */
function addUnkept(context: z.RefinementCtx, path: (string | number)[]): void {
  const message =
    'names a part of an answer that came from a provider without the Responses API, so that nobody keeps it: ' +
    'send the conversation in full, which clients do with `store: false`';
  context.addIssue({ code: 'custom', path, message });
}

export type ResponsesRequest = z.infer<typeof responsesRequestSchema>;
type Item = z.infer<typeof item>;

const imageTypes = new Set<unknown>(['input_image', 'computer_screenshot']);

/** OpenAI's Responses. */
export const responsesDoor: Door<ResponsesRequest> = {
  protocol: 'responses',
  schema: responsesRequestSchema,
  forwardedHeaders: ['openai-beta'],
  read(body) {
    const { model, input = [], instructions, tools } = body;
    const items: Item[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
    // Images may also be what a function gave, or the screenshot of a computer.
    const parts = items.flatMap(({ content, output }) => [content, output].flat());
    return {
      model,
      messages: items.map(toMessage),
      stream: body.stream === true,
      prompt: [instructions, items, tools],
      replyTokens: body.max_output_tokens ?? undefined,
      needs: needed({
        tools: Array.isArray(tools) && tools.length > 0,
        vision: parts.some((part) => imageTypes.has(Object(part).type)),
        jsonSchema: asksForSchema(Object(body['text']).format),
        streaming: body.stream,
        reasoning: Boolean(Object(body['reasoning']).effort),
      }),
    };
  },
};

/** What has no role is of the model (thoughts, calls) or what its calls gave: nothing in it was said to anybody. */
function toMessage({ type = '', role, content }: Item): ChatMessage {
  if (role !== undefined) return { role, content };
  return { role: type.endsWith('_output') ? 'tool' : 'assistant' };
}
