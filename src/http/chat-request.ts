import { z } from 'zod';

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() });

const message = z.looseObject({
  role: z.string(),
  content: z
    .union([z.string(), z.array(contentPart)], 'expected text or a list of parts')
    .nullish(),
});

const limit = z.int().positive().nullish();

/** What the router reads of a chat request; everything else goes to the upstream as it came. */
export const chatRequestSchema = z.looseObject({
  model: z.string().min(1).default('auto'),
  messages: z.array(message).min(1, 'at least one message is needed'),
  stream: z.boolean().nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
});

export type ChatRequest = z.infer<typeof chatRequestSchema>;
