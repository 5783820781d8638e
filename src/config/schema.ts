import { z } from 'zod';
import { logLevels, logModules } from '../telemetry/log.ts';
import { collectorUrl } from './address-schema.ts';
import { modelSchema, providerSchema } from './provider-schema.ts';
import {
  breakerSchema,
  conversationSchema,
  hedgingSchema,
  probesSchema,
  retriesSchema,
} from './resilience-schema.ts';

const milliseconds = z.int().positive();
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'use lower-case letters, digits and hyphens')
  .max(64);

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
      maxInFlight: z
        .int()
        .positive()
        .default(1_000)
        .describe('requests served at once; more are refused with 429'),
      sendTimeoutMs: milliseconds
        .default(60_000)
        .describe('a client that takes nothing of its reply for so long is cut off'),
      drainMs: milliseconds
        .default(30_000)
        .describe('that requests under way have left when the process is asked to end'),
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
      workers: z.int().min(1).max(16).default(1).describe('threads, each with a model of its own'),
      deadlineMs: milliseconds.default(1_000).describe('then the default class serves'),
      cacheBytes: z
        .int()
        .positive()
        .default(32 * 1024 * 1024),
      allowDownload: z.boolean().default(false),
      firstTier: z
        .boolean()
        .default(true)
        .describe('static embeddings decide what they are sure of, the model the rest'),
      firstTierAudit: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe('share of what the first tier decides that the model is asked about, afterwards'),
    })
    .prefault({}),
  examples: z
    .strictObject({
      directory: z.string().min(1).describe('<class>.jsonl files, relative to this file'),
      maxCharacters: z.int().positive().default(20_000).describe('of one example'),
      conversations: z
        .string()
        .min(1)
        .optional()
        .describe('a file of labelled conversations, relative to this file'),
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
    conversation: conversationSchema.prefault({}),
    maxAttempts: z
      .int()
      .min(1)
      .max(20)
      .default(4)
      .describe('models tried for one request, each at all of its providers'),
    deadlineMs: milliseconds.default(300_000).describe('for all attempts of one request'),
  }),
  retries: retriesSchema.prefault({}),
  breaker: breakerSchema.prefault({}),
  hedging: hedgingSchema.prefault({}),
  probes: probesSchema.prefault({}),
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
  providers: z.record(name, providerSchema),
  models: z.record(z.string().min(1).max(200), modelSchema),
  classes: z.record(name, taskClass),
});

export type ConfigFile = z.output<typeof configSchema>;
/** What is kept of the requests. */
export type DecisionsConfig = ConfigFile['decisions'];
export type ProviderConfig = ConfigFile['providers'][string];
export type Capability = keyof ModelConfig['capabilities'];
export type ModelConfig = ConfigFile['models'][string];
export type DeploymentConfig = ModelConfig['deployments'][number];

/** JSON schema (draft 2020-12) of the configuration file as people write it. */
export function toConfigJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
