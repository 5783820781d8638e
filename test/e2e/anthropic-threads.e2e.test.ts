// Anthropic can keep conversations, and its SDK's tool runner lets it: other providers must get them whole.
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { weatherCalls, weatherParameters } from '../support/sample-inputs.ts';
import { completionWithCalls, messageWithCalls } from '../support/scripted-calls.ts';
import { completion, json } from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message } from '../support/two-protocols.ts';

const weatherTool = betaTool({
  name: 'get_weather',
  description: 'The weather of a city.',
  inputSchema: { ...weatherParameters, properties: { city: { type: 'string' } } },
  run: () => 'rain',
});

let proxy: TwoProtocolsServer;
let client: Anthropic;

beforeAll(async () => {
  proxy = await startTwoProtocols();
  client = new Anthropic({ baseURL: proxy.url, apiKey: 'client-secret', maxRetries: 0 });
});

afterAll(() => proxy?.close());

beforeEach(() => {
  proxy.open.script(
    json(200, completionWithCalls(...weatherCalls)),
    json(200, completion('Rain.')),
  );
});

function run(model: string) {
  return client.beta.messages.toolRunner({
    model,
    max_tokens: 64,
    messages: [{ role: 'user', content: 'How is it?' }],
    tools: [weatherTool],
  });
}

describe('the tool runner of the Anthropic SDK', () => {
  it('sends the whole conversation to a provider of OpenAI’s make', async () => {
    const { content } = await run('gpt');
    expect(content).toMatchObject([{ type: 'text', text: 'Rain.' }]);
    const received = proxy.open.requests.at(-1)?.json;
    expect(received).not.toHaveProperty('thread');
    expect(received).toMatchObject({
      messages: [
        { role: 'user', content: 'How is it?' },
        { role: 'assistant', tool_calls: weatherCalls.map(({ id }) => ({ id })) },
        ...weatherCalls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'rain' })),
      ],
    });
  });

  it('goes on with a thread at Anthropic', async () => {
    proxy.claude.script(
      json(200, messageWithCalls('Let me see.', ...weatherCalls)),
      json(200, message('Rain.')),
    );
    const { content } = await run('claude');
    expect(content).toMatchObject([{ type: 'text', text: 'Rain.' }]);
    const received = proxy.claude.requests.at(-1);
    expect(received?.headers['anthropic-beta']).toContain('message-threads');
    expect(received?.json).toMatchObject({
      thread: { type: 'continue', previous_message_id: 'msg_scripted' },
      messages: [{ role: 'user' }],
    });
  });

  it('begins again when Anthropic has lost the thread', async () => {
    const details = { error_code: 'thread_not_found' };
    const error = { type: 'not_found_error', message: 'No such thread.', details };
    proxy.claude.script(
      json(200, messageWithCalls('Let me see.', ...weatherCalls)),
      json(404, { type: 'error', error }),
      json(200, message('Rain.')),
    );
    const { content } = await run('claude');
    expect(content).toMatchObject([{ type: 'text', text: 'Rain.' }]);
    expect(proxy.claude.requests.at(-1)?.json).toMatchObject({
      thread: { type: 'create' },
      messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'user' }],
    });
  });
});
