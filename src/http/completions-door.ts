import { z } from 'zod';
import { modelName, tokenLimit } from './content-schemas.ts';
import { type Door, needed } from './door.ts';

const prompt = z.union(
  [z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))],
  'expected text, or a list of texts or tokens',
);

export const completionsRequestSchema = z.looseObject({
  model: modelName,
  prompt,
  stream: z.boolean().nullish(),
  max_tokens: tokenLimit,
});

export type CompletionsRequest = z.infer<typeof completionsRequestSchema>;

/** OpenAI's legacy completions: only for providers that have them, nothing is translated. */
export const completionsDoor: Door<CompletionsRequest> = {
  protocol: 'completions',
  schema: completionsRequestSchema,
  forwardedHeaders: [],
  read(body) {
    const texts = [body.prompt].flat().filter((part) => typeof part === 'string');
    return {
      model: body.model,
      messages: [{ role: 'user', content: texts.join('\n') }],
      stream: body.stream === true,
      prompt: [body.prompt],
      replyTokens: body.max_tokens ?? undefined,
      needs: needed({ streaming: body.stream }),
    };
  },
};
