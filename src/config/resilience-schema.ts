// What happens when providers fail.
import { z } from 'zod';

const milliseconds = z.int().positive();
const share = z.number().min(0).max(1);

/** When the same model is asked again, before the next one is. */
export const retriesSchema = z.strictObject({
  perModel: z.int().min(0).max(5).default(1).describe('how often one model is asked again'),
  waitMs: z
    .int()
    .nonnegative()
    .max(60_000)
    .default(5_000)
    .describe('that one request may wait for retries; a longer Retry-After goes to the next model'),
  share: share.default(0.2).describe('of the requests to a provider that may be retries'),
});

/** When a conversation stays with the model that served it last. */
export const conversationSchema = z.strictObject({
  hold: z.boolean().default(true).describe('false: every turn goes where it alone would go'),
  rightClassUsd: z
    .number()
    .nonnegative()
    .default(0.05)
    .describe("what it is worth a turn to be served by the right class's model, in US dollars"),
  weakTurns: z
    .int()
    .min(1)
    .max(20)
    .default(2)
    .describe('in a row that have to ask for a weaker model before it serves'),
  cacheTtlMs: z
    .int()
    .nonnegative()
    .default(300_000)
    .describe('that providers keep a prompt cached'),
  ttlMs: milliseconds.default(3_600_000).describe('that a silent conversation is remembered'),
  maxEntries: z.int().positive().max(10_000_000).default(100_000).describe('remembered at once'),
});

/** When the next model is asked beside one that is late. */
export const hedgingSchema = z.strictObject({
  enabled: z.boolean().default(false),
  share: share.default(0.05).describe('of the latest requests that may be hedged'),
  costShare: share
    .default(0.05)
    .describe('of what the latest prompts cost, by estimate, that those of hedges may cost'),
  minimumCalls: z
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe('of a model with prompts about as long, before it can be late'),
});

/** Whether and how providers are asked now and then how they do, also while nobody needs them. */
export const probesSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('asks every usable provider for its list of models, which costs nothing'),
  everyMs: milliseconds.default(30_000).describe('about, for each provider'),
  timeoutMs: milliseconds.default(5_000),
});

/** When a model or a provider is left alone for a while. */
export const breakerSchema = z.strictObject({
  enabled: z.boolean().default(true),
  windowMs: milliseconds.default(30_000).describe('over which failures are counted'),
  minimumCalls: z.int().positive().default(10).describe('fewer in the window say nothing'),
  failureShare: share.default(0.5).describe('of the calls in the window, at which it opens'),
  failuresInARow: z.int().positive().default(5).describe('that open it too, however far apart'),
  openMs: milliseconds.default(15_000).describe('doubles each time it opens again'),
  longestOpenMs: milliseconds.default(300_000),
  refusalMs: milliseconds.default(600_000).describe('after a refused key or an unknown model'),
  probes: z.int().min(1).max(20).default(2).describe('calls that have to succeed to close it'),
  rampMs: milliseconds.default(30_000).describe('from then until it gets all of its calls'),
});
