import { z } from 'zod';
import { imageUrl, modelName, refuse, tokenLimit } from './content-schemas.ts';
import { asksForSchema, type Door, needed } from './door.ts';

const anthropicParts = ['tool_use', 'tool_result', 'image', 'document'];
const isAnthropic = 'is a block of Anthropic’s Messages: send this request to /v1/messages instead';

/** Mistral also takes the bare address. */
const image = z.union(
  [z.looseObject({ url: imageUrl }), imageUrl],
  'expected an http(s) address or a base64 data URL, or an object with one as its url',
);

const contentPart = z.looseObject({
  type: z.string().refine((type) => !anthropicParts.includes(type), isAnthropic),
  text: z.string().optional(),
  image_url: image.optional(),
  // A text in Anthropic’s blocks, a list of parts in Mistral’s.
  thinking: z
    .unknown()
    .refine((thinking) => typeof thinking !== 'string', isAnthropic)
    .optional(),
});

const message = z.looseObject({
  role: z.string(),
  content: z
    .union([z.string(), z.array(contentPart)], 'expected text or a list of parts')
    .nullish(),
});

export const chatRequestSchema = z
  .looseObject({
    model: modelName,
    messages: z.array(message).min(1, 'at least one message is needed'),
    stream: z.boolean().nullish(),
    max_tokens: tokenLimit,
    max_completion_tokens: tokenLimit,
  })
  .superRefine(
    refuse('system', 'belongs to Anthropic’s Messages: send this request to /v1/messages instead'),
  );

export type ChatRequest = z.infer<typeof chatRequestSchema>;

/** OpenAI's chat completions. */
export const chatDoor: Door<ChatRequest> = {
  protocol: 'chat',
  schema: chatRequestSchema,
  forwardedHeaders: [],
  read(body) {
    const { model, messages, tools, functions, response_format: format } = body;
    const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    return {
      model,
      messages,
      stream: body.stream === true,
      prompt: [messages, tools, functions, format],
      replyTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
      needs: needed({
        tools: isFilled(tools) || isFilled(functions),
        vision: parts.some(({ type }) => type === 'image_url'),
        jsonSchema: asksForSchema(format),
        streaming: body.stream,
        reasoning: ![undefined, null, 'none'].includes(body['reasoning_effort'] as string),
      }),
    };
  },
};

function isFilled(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}
