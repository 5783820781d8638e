import { z } from 'zod';
import { base64Data, modelName, refuse } from './content-schemas.ts';
import { asksForSchema, type Door, needed } from './door.ts';

const isOpenAi = 'belongs to OpenAI’s chat completions: send this request to /v1/chat/completions';

const source = z.union([
  z.looseObject({ type: z.literal('base64'), data: base64Data }),
  z.looseObject({ type: z.string().refine((type) => type !== 'base64') }),
]);

const block = z.looseObject({
  type: z.string().refine((type) => !['image_url', 'input_text'].includes(type), isOpenAi),
  text: z.string().optional(),
  source: z
    .unknown()
    .superRefine((value, context) => {
      if (value === undefined || source.safeParse(value).success) return;
      context.addIssue('is not valid base64, or not a source');
    })
    .optional(),
});

const message = z.looseObject({
  role: z.enum(['user', 'assistant', 'system'], {
    error: ({ input }) =>
      input === 'tool' || input === 'developer' ? isOpenAi : 'is user, assistant or system',
  }),
  content: z.union([z.string(), z.array(block)], 'expected text or a list of blocks'),
});

const tool = z.looseObject({}).superRefine(refuse('function', isOpenAi));

/** A request whose tokens are to be counted: all but the limit of a reply. */
export const countTokensSchema = z.looseObject({
  model: modelName,
  messages: z.array(message).min(1, 'at least one message is needed'),
  system: z.union([z.string(), z.array(block)], 'expected text or a list of blocks').nullish(),
  stream: z.boolean().nullish(),
  tools: z.array(tool).nullish(),
});

/** A limit of 0 fills the cache at Anthropic: https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
export const messagesRequestSchema = countTokensSchema.extend({
  max_tokens: z.int().nonnegative(),
});

export type MessagesRequest = z.infer<typeof messagesRequestSchema>;

/** Anthropic's Messages. */
export const messagesDoor: Door<MessagesRequest> = {
  protocol: 'messages',
  schema: messagesRequestSchema,
  forwardedHeaders: ['anthropic-version', 'anthropic-beta'],
  explainUnserved({ thread }) {
    // Anthropic's tool runner then sends the whole conversation, and no thread.
    const details = { error_code: 'thread_unsupported_request' };
    return thread === undefined || thread === null ? {} : { details };
  },
  read(body) {
    const { model, messages, system, tools } = body;
    const outer = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    // Screenshots come as the results of tools.
    const inner = outer.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    const blocks = [...outer, ...inner.map((block) => Object(block))];
    return {
      model,
      messages,
      stream: body.stream === true,
      prompt: [system, messages, tools],
      replyTokens: body.max_tokens,
      needs: needed({
        tools: (tools ?? []).length > 0,
        vision: blocks.some(({ type }) => type === 'image'),
        jsonSchema:
          asksForSchema(Object(body['output_config']).format) ||
          asksForSchema(body['output_format']),
        streaming: body.stream,
        reasoning:
          ['enabled', 'adaptive'].includes(Object(body['thinking']).type) ||
          Boolean(Object(body['output_config']).effort),
      }),
    };
  },
};
