// What answers when no provider is configured, so that a newcomer sees routing work at once.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { asJsonObject, parseJsonObject } from '../json.ts';
import type { Provider, ProviderCall } from './provider.ts';
import type { Target } from './target.ts';

export interface DemoProviderOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly createId?: () => string;
}

/** A provider without a network: it says, in OpenAI's shape, which model it stands in for. */
export function createDemoProvider({
  name,
  clock,
  createId = randomUUID,
}: DemoProviderOptions): Provider {
  return {
    name,

    async call(call) {
      call.signal.throwIfAborted();
      const head = {
        id: `chatcmpl-demo-${createId()}`,
        created: Math.floor(clock.now() / 1000),
        model: call.target.model,
      };
      const answer = toAnswer(call);
      return {
        status: 200,
        headers: { 'content-type': call.stream ? 'text/event-stream' : 'application/json' },
        body: toBytes(call.stream ? toChunks(head, answer) : [toCompletion(head, answer)]),
      };
    },

    async close() {},
  };
}

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

interface Answer {
  readonly text: string;
  readonly usage: Readonly<Record<string, number>>;
  readonly includesUsage: boolean;
}

function toAnswer({ target, body }: ProviderCall): Answer {
  const request = parseJsonObject(body.toString()) ?? {};
  const text = toText(target);
  const promptTokens = countTokens(JSON.stringify(request['messages'] ?? ''));
  const completionTokens = countTokens(text);
  return {
    text,
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
    includesUsage: asJsonObject(request['stream_options'])?.['include_usage'] === true,
  };
}

function toText({ upstreamModel, className }: Target): string {
  const why =
    className === undefined ? 'the request asked for it' : `the prompt's class is "${className}"`;
  return `This is a demo answer: no provider key is configured. The model "${upstreamModel}" would have answered here, because ${why}.`;
}

/** A stand-in for a tokenizer: nobody pays for these. */
function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

function toCompletion(head: Head, { text, usage }: Answer): string {
  const message = { role: 'assistant', content: text, refusal: null };
  const choice = { index: 0, message, logprobs: null, finish_reason: 'stop' };
  return JSON.stringify({ ...head, object: 'chat.completion', choices: [choice], usage });
}

function toChunks(head: Head, { text, usage, includesUsage }: Answer): string[] {
  const words = text.match(/\S+\s*/g) ?? [];
  const deltas = [{ role: 'assistant', content: '' }, ...words.map((content) => ({ content })), {}];
  const choices = deltas.map((delta, position) => [
    { index: 0, delta, finish_reason: position === deltas.length - 1 ? 'stop' : null },
  ]);
  const toChunk = (fields: object) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`;
  const empty = includesUsage ? { usage: null } : {};
  return [
    ...choices.map((choice) => toChunk({ choices: choice, ...empty })),
    ...(includesUsage ? [toChunk({ choices: [], usage })] : []),
    'data: [DONE]\n\n',
  ];
}

async function* toBytes(texts: Iterable<string>): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
