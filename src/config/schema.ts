import { z } from 'zod';
import { protocols } from '../protocol.ts';
import { logLevels, logModules } from '../telemetry/log.ts';

const milliseconds = z.int().positive();
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'use lower-case letters, digits and hyphens')
  .max(64);

/** An address as people write it: the scheme may be missing, and a bare host means its `/v1`; a query string is kept. */
const baseUrl = z.string().transform((text, context) => {
  const url = parseAddress(text, context, 'apiKey');
  if (url === undefined) return z.NEVER;
  const path =
    url.pathname === '/' ? '/v1' : url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  return `${url.origin}${path}${url.search}`;
});

/** Of a collector; its headers are read from the environment only. */
const collectorUrl = z.string().transform((text, context) => {
  return parseAddress(text, context, 'OTEL_EXPORTER_OTLP_HEADERS')?.href ?? z.NEVER;
});

function parseAddress(
  text: string,
  context: z.core.$RefinementCtx,
  placeOfCredentials: string,
): URL | undefined {
  const address = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    context.addIssue({ code: 'custom', message: `"${text}" is not an http or https address` });
    return undefined;
  }
  if (url.username !== '' || url.password !== '') {
    const message = `put credentials in ${placeOfCredentials}, not in the address`;
    context.addIssue({ code: 'custom', message });
    return undefined;
  }
  return url;
}

const speaks = z
  .array(z.enum(protocols))
  .min(1)
  .describe('what it is asked in: the same as the client where possible, else translated');

/** `enabled: ${NAME:-}` switches a provider on exactly when the variable is set. */
const flag = z.union([z.boolean(), z.string()]).transform((value) => {
  return typeof value === 'boolean' ? value : !['', 'false', '0', 'no'].includes(value);
});

const timeouts = z.strictObject({
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

const provider = z.strictObject({
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

const model = z.strictObject({
  provider: z.string(),
  name: z.string().min(1).optional().describe("the provider's name for it, when it differs"),
  speaks: speaks.optional().describe('where it is not all that its provider speaks'),
  contextWindow: z.int().positive().optional().describe('tokens'),
  maxOutputTokens: z.int().positive().optional().describe('tokens that it may write'),
  tier: z.number().default(0).describe('what auto:best goes by; larger is better'),
  capabilities: capabilities.prefault({}),
  prices: prices.optional(),
  timeouts: timeouts.prefault({}),
});

const taskClass = z.strictObject({
  description: z.string().default(''),
  models: z.array(z.string()).min(1).describe('preferred first'),
  threshold: z.number().min(0).max(1).optional().describe('overrides routing.threshold'),
});

const textModes = ['full', 'excerpt', 'hash', 'none'] as const;

/** The whole configuration file. Unknown keys are errors; every default stands here and nowhere else. */
export const configSchema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8080),
      apiKeys: z
        .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
        .transform((keys) => keys.map((key) => key.trim()).filter((key) => key !== ''))
        .default([])
        .describe('of clients; with at least one, other addresses than loopback are allowed'),
      adminToken: z.string().trim().default('').describe('for /admin from other machines'),
      maxBodyBytes: z
        .int()
        .positive()
        .default(32 * 1024 * 1024),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(logLevels).default('info'),
      levels: z
        .partialRecord(z.enum(logModules), z.enum(logLevels))
        .default({})
        .describe('of single parts, where it is not the same'),
    })
    .prefault({}),
  dataDir: z.string().min(1).optional().describe('default: .switchyard in the working directory'),
  modelsDir: z.string().min(1).optional().describe('default: models/ of the project'),
  embedding: z
    .strictObject({
      model: z.string().min(1).default('all-MiniLM-L6-v2'),
      workers: z.int().min(1).max(16).default(2),
      deadlineMs: milliseconds.default(1_000).describe('then the default class serves'),
      cacheBytes: z
        .int()
        .positive()
        .default(32 * 1024 * 1024),
      allowDownload: z.boolean().default(false),
    })
    .prefault({}),
  examples: z
    .strictObject({
      directory: z.string().min(1).describe('<class>.jsonl files, relative to this file'),
      maxCharacters: z.int().positive().default(20_000).describe('of one example'),
      tuning: z
        .string()
        .min(1)
        .optional()
        .describe('what was tuned for them, to be kept beside them; relative to this file'),
    })
    .prefault({ directory: 'datasets/examples' }),
  routing: z.strictObject({
    defaultClass: z.string(),
    targetPrecision: z
      .number()
      .min(0)
      .max(1)
      .default(0.9)
      .describe(
        'how often a decision is to be right; where it would not be, the default class serves',
      ),
    outOfScopeShare: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.03)
      .describe('of prompts like the examples that may be taken for unlike all of them'),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('the least confidence that decides, for every class; default: tuned for each'),
    neighbours: z.int().min(1).max(100).optional().describe('that vote; default: tuned'),
    classifier: z
      .strictObject({
        sharpness: z
          .number()
          .positive()
          .optional()
          .describe('weight of a neighbour: e^(sharpness × similarity); default: tuned'),
        voteShare: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe('of the neighbours, the rest is the head; default: tuned'),
        denseScale: z
          .number()
          .positive()
          .optional()
          .describe('weight of what a prompt is about; default: tuned'),
        sparseScale: z
          .number()
          .nonnegative()
          .optional()
          .describe('weight of how it is put; default: tuned'),
        temperature: z
          .number()
          .positive()
          .optional()
          .describe('below 1: more certain; default: tuned'),
        epochs: z.int().min(1).max(100).default(12).describe('passes over the examples'),
        seed: z.int().nonnegative().default(1),
      })
      .prefault({}),
    maxAttempts: z.int().min(1).max(20).default(4),
    deadlineMs: milliseconds.default(300_000).describe('for all attempts of one request'),
  }),
  decisions: z
    .strictObject({
      enabled: z.boolean().default(true).describe('false: nothing is kept of a request'),
      text: z
        .enum(textModes)
        .default('excerpt')
        .describe('what is kept of a prompt; the hash tells equal prompts, none keeps nothing'),
      excerptCharacters: z.int().min(1).max(10_000).default(200),
      retentionDays: z.number().positive().max(36_500).default(30),
      maxRows: z.int().min(1).max(100_000_000).default(1_000_000).describe('the oldest go first'),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      enabled: z.boolean().default(true).describe('false: no traces, whatever the endpoint'),
      otlpEndpoint: collectorUrl
        .optional()
        .describe('of a collector that gets traces by OTLP over HTTP, at v1/traces under it'),
      otlpTracesEndpoint: collectorUrl
        .optional()
        .describe('the whole address for traces, where it is another'),
    })
    .prefault({}),
  providers: z.record(name, provider),
  models: z.record(z.string().min(1).max(200), model),
  classes: z.record(name, taskClass),
});

export type ConfigFile = z.output<typeof configSchema>;
/** What is kept of the requests. */
export type DecisionsConfig = ConfigFile['decisions'];
export type ProviderConfig = ConfigFile['providers'][string];
export type Capability = keyof ModelConfig['capabilities'];
export type ModelConfig = ConfigFile['models'][string];

/** JSON schema (draft 2020-12) of the configuration file as people write it. */
export function toConfigJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
