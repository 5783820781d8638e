import { z } from 'zod';
import { toErrorBody } from '../error-shapes.ts';
import { decisionQuerySchema } from './admin-decisions.ts';
import { newExampleSchema } from './admin-examples.ts';
import { isolationSchema, releaseSchema } from './admin-health.ts';
import { chatRequestSchema } from './chat-door.ts';
import { completionsRequestSchema } from './completions-door.ts';
import { embeddingsRequestSchema } from './embeddings-door.ts';
import { feedbackSchema } from './feedback.ts';
import { countTokensSchema, messagesRequestSchema } from './messages-door.ts';
import { responsesRequestSchema } from './responses-door.ts';
import { dryRunSchema } from './route.ts';

interface Operation {
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly parameters?: readonly object[];
  /** Media types of the reply; JSON when left out. */
  readonly replies?: readonly string[];
  readonly status?: number;
}

const streamed = ['application/json', 'text/event-stream'];
const text = ['text/plain'];

const header = (name: string, description: string) => ({
  name: `x-switchyard-${name}`,
  in: 'header',
  description,
  schema: { type: 'string' },
});
const controls = [
  header('class', 'Serve it as this class.'),
  header('model', 'Serve it with this model; wins over the body.'),
  header('no-fallback', '1: ask only the first candidate.'),
  header('explain', '1: the reply says in x-switchyard-explain what the decision rests on.'),
  header('timeout-ms', 'For the whole request, in milliseconds.'),
  header('conversation', 'Names the conversation that the request belongs to.'),
];
const inPath = (name: string) => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
});
/** One parameter for each key of a schema that checks an address. */
const inQuery = (schema: z.ZodObject): object[] =>
  Object.entries(schema.shape).map(([key, value]) => {
    const { description, ...shape } = z.toJSONSchema(value as z.ZodType, { io: 'input' });
    const { $schema: _dialect, ...plain } = shape;
    return { name: key, in: 'query', ...(description && { description }), schema: plain };
  });

const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/v1/chat/completions': {
    post: {
      summary: 'OpenAI’s chat completions, routed',
      body: chatRequestSchema,
      parameters: controls,
      replies: streamed,
    },
  },
  '/v1/messages': {
    post: {
      summary: 'Anthropic’s Messages, routed',
      body: messagesRequestSchema,
      parameters: controls,
      replies: streamed,
    },
  },
  '/v1/messages/count_tokens': {
    post: {
      summary: 'The tokens of a request to Messages',
      body: countTokensSchema,
      parameters: controls,
    },
  },
  '/v1/responses': {
    post: {
      summary: 'OpenAI’s Responses, routed',
      body: responsesRequestSchema,
      parameters: controls,
      replies: streamed,
    },
  },
  '/v1/completions': {
    post: {
      summary: 'OpenAI’s legacy completions, routed to providers that have them',
      body: completionsRequestSchema,
      parameters: controls,
      replies: streamed,
    },
  },
  '/v1/embeddings': {
    post: {
      summary: 'Embeddings, of the router’s own encoder or of a provider’s model',
      body: embeddingsRequestSchema,
      parameters: controls,
    },
  },
  '/v1/models': { get: { summary: 'What a request can name as its model' } },
  '/v1/models/{id}': { get: { summary: 'One of them', parameters: [inPath('id')] } },
  '/v1/route': {
    post: {
      summary: 'The decision and the plan for a chat request or a prompt, without calling anyone',
      body: dryRunSchema,
      parameters: controls,
    },
  },
  '/v1/feedback': {
    post: { summary: 'Say whether a decision was right', body: feedbackSchema },
  },
  '/admin/decisions': {
    get: {
      summary: 'What happened, newest first: the next page begins at next_cursor, null at the end',
      parameters: inQuery(decisionQuerySchema),
    },
  },
  '/admin/decisions/{id}': {
    get: { summary: 'Everything about one decision', parameters: [inPath('id')] },
  },
  '/admin/examples': {
    get: { summary: 'The examples in force' },
    post: { summary: 'Add an example', body: newExampleSchema, status: 201 },
  },
  '/admin/examples/{id}': {
    delete: { summary: 'Take an example out of force', parameters: [inPath('id')] },
  },
  '/admin/health': {
    get: { summary: 'How every model and provider does, and when it gets its next call' },
  },
  '/admin/health/isolate': {
    post: {
      summary: 'Make no calls to a model until it is released; lists what was meant',
      body: isolationSchema,
    },
  },
  '/admin/health/release': {
    post: {
      summary: 'Make calls to a model again, whatever happened; lists what was meant',
      body: releaseSchema,
    },
  },
  '/admin/stats': {
    get: {
      summary: 'What happened lately, by model, class and outcome',
      parameters: [{ name: 'window', in: 'query', schema: { type: 'string', default: '1h' } }],
    },
  },
  '/metrics': { get: { summary: 'Everything that is measured, for Prometheus', replies: text } },
  '/livez': { get: { summary: 'The process runs', replies: text } },
  '/readyz': { get: { summary: 'The router can serve; 503 while it can not', replies: text } },
};

/** The OpenAPI 3.1 document of every endpoint, made from the schemas that check the requests. */
export function toOpenApi(): object {
  const paths = Object.entries(operations).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [method, toOperation(path, operation)]),
    ),
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'Switchyard', version: '1' },
    security: [{}, { bearer: [] }, { key: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  };
}

function toOperation(path: string, operation: Operation): object {
  const { summary, body, parameters = [], replies = ['application/json'] } = operation;
  const content = Object.fromEntries(replies.map((type) => [type, {}]));
  const error = toErrorBody(path.startsWith('/v1/messages') ? 'messages' : 'chat', {
    code: 'invalid_request',
    message: 'The body is not valid JSON.',
    status: 400,
  });
  return {
    summary,
    parameters,
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }),
              },
            },
          },
        }),
    responses: {
      [operation.status ?? 200]: { description: 'As asked', content },
      default: { description: 'An error', content: { 'application/json': { example: error } } },
    },
  };
}
