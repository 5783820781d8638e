import { z } from 'zod';
import type { Door } from './door.ts';

export const embeddingsRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  input: z.union(
    [
      z.string().min(1, 'is empty'),
      z.array(z.string().min(1, 'is empty')).min(1).max(2_048),
      z.array(z.int()).min(1),
      z.array(z.array(z.int()).min(1)).min(1),
    ],
    'expected text or a list of up to 2048 texts, none of them empty',
  ),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().positive().nullish(),
});

export type EmbeddingsRequest = z.infer<typeof embeddingsRequestSchema>;

/** OpenAI's embeddings, for models of providers that have them. */
export const embeddingsDoor: Door<EmbeddingsRequest> = {
  protocol: 'embeddings',
  schema: embeddingsRequestSchema,
  forwardedHeaders: [],
  read: ({ model, input }) => ({
    model,
    messages: [],
    stream: false,
    // Each input has the window to itself, and providers count for themselves.
    prompt: [[input].flat()[0]],
    replyTokens: undefined,
    needs: [],
  }),
};
