// Who serves models, and which.
import { z } from 'zod';
import { protocols } from '../protocol.ts';
import { baseUrl } from './address-schema.ts';

const milliseconds = z.int().positive();

const speaks = z
  .array(z.enum(protocols))
  .min(1)
  .describe('what it is asked in: the same as the client where possible, else translated');

/** `enabled: ${NAME:-}` switches a provider on exactly when the variable is set. */
const flag = z.union([z.boolean(), z.string()]).transform((value) => {
  return typeof value === 'boolean' ? value : !['', 'false', '0', 'no'].includes(value);
});

const timeouts = z.strictObject({
  connectMs: milliseconds
    .optional()
    .describe('until a new connection stands; default: connectTimeoutMs of the provider'),
  firstContentMs: milliseconds.default(30_000).describe('until the first content of a stream'),
  idleMs: milliseconds.default(30_000).describe('between two pieces of a stream'),
  totalMs: milliseconds.default(300_000).describe('for one attempt as a whole'),
});

const prices = z
  .strictObject({
    input: z.number().nonnegative(),
    output: z.number().nonnegative(),
    cachedInput: z.number().nonnegative().optional(),
    cacheWrite: z.number().nonnegative().optional(),
  })
  .describe('US dollars per million tokens');

export const providerSchema = z.strictObject({
  baseUrl: baseUrl.describe('of its API; {model} in it stands for the model'),
  speaks: speaks.default(['chat']),
  apiKey: z
    .string()
    .regex(/^[\x20-\x7e]*$/, 'holds a character that no HTTP header can carry')
    .default('')
    .describe('best as a reference to an environment variable'),
  keyHeader: z
    .string()
    .regex(/^[\w-]+$/, 'is not the name of a header')
    .toLowerCase()
    .default('authorization')
    .describe('that carries the key; authorization carries it as Bearer'),
  maxTokensField: z
    .enum(['max_tokens', 'max_completion_tokens'])
    .default('max_tokens')
    .describe('what its chat completions call the limit of a reply'),
  reportsUsage: z
    .boolean()
    .default(true)
    .describe('whether its streams of chat completions tell the usage when asked'),
  keyRequired: z.boolean().default(true).describe('false for servers that need no key'),
  enabled: flag.default(true),
  connectTimeoutMs: milliseconds.default(5_000).describe('until the connection stands'),
  headers: z.record(z.string(), z.string()).default({}).describe('sent with every call'),
  probes: z.boolean().default(true).describe('false: not probed, whatever probes.enabled says'),
  priceList: z.string().optional().describe('where to look up prices, when not the provider'),
});

const capabilities = z
  .strictObject({
    tools: z.boolean().default(true),
    vision: z.boolean().default(true),
    jsonSchema: z.boolean().default(true),
    streaming: z.boolean().default(true),
    reasoning: z.boolean().default(true),
  })
  .describe('false for what it can not do: requests that need it go elsewhere');

const upstreamName = z
  .string()
  .min(1)
  .optional()
  .describe("the provider's name for it, if another");

const deployment = z.strictObject({
  provider: z.string(),
  name: upstreamName,
  weight: z.number().positive().default(1).describe('its share of the requests, beside the others'),
  prices: prices.optional(),
});

const modelKeys = z.strictObject({
  provider: z.string().optional().describe('who serves it, where that is one alone'),
  name: upstreamName,
  deployments: z
    .array(deployment)
    .min(1)
    .optional()
    .describe('where several providers serve it; each can have a name and prices of its own'),
  speaks: speaks.optional().describe('where it is not all that its provider speaks'),
  contextWindow: z.int().positive().optional().describe('tokens'),
  maxOutputTokens: z.int().positive().optional().describe('tokens that it may write'),
  tier: z.number().default(0).describe('what auto:best goes by; larger is better'),
  capabilities: capabilities.prefault({}),
  prices: prices.optional(),
  timeouts: timeouts.prefault({}),
});

/** One provider alone is one deployment. That one of the two is given is checked with the references. */
export const modelSchema = modelKeys.transform(({ provider, deployments, ...model }) => ({
  ...model,
  deployments: deployments ?? (provider === undefined ? [] : [{ provider, weight: 1 }]),
}));
