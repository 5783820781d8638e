import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '../../src/routing/decision.ts';
import {
  createHome,
  type Home,
  type RunningServer,
  startServer,
} from '../support/run-switchyard.ts';

let home: Home;
let server: RunningServer;

beforeAll(async () => {
  home = createHome();
  server = await startServer({ home });
});

afterAll(async () => {
  await server?.stop();
  home?.remove();
});

const user = (content: unknown) => ({ role: 'user', content });
const model = (content: string) => ({ role: 'assistant', content });

async function post(path: string, body: object): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function route(messages: readonly object[]): Promise<Decision> {
  return (await (await post('/v1/route', { messages })).json()) as Decision;
}

/** The class that a door of the proxy says it has routed to. */
async function classAt(path: string, body: object): Promise<string | null> {
  const reply = await post(path, { model: 'auto', ...body });
  await reply.text();
  expect(reply.status).toBe(200);
  return reply.headers.get('x-switchyard-class');
}

const coding = [
  user('How do I remove duplicates from a list in Python without changing its order?'),
  model('A dict keeps the order of its keys: list(dict.fromkeys(items)).'),
];

describe('a conversation, with the real model and the shipped examples', () => {
  it('goes on with what was asked before', async () => {
    const decision = await route([...coding, user('And for Java?')]);
    expect(decision.className).toBe('coding');
    expect(decision.context?.turns).toBe(1);
    expect(decision.context?.share).toBeGreaterThan(0.5);
    expect(decision.context?.prior[0]?.className).toBe('coding');
  });

  it('begins a new task with what was asked before as its matter', async () => {
    const decision = await route([...coding, user('now write me a poem about it')]);
    expect(decision.className).toBe('creative-writing');
    expect(decision.context?.share).toBeLessThan(0.5);
  });

  it('goes on after several turns, and with the last task after a new one', async () => {
    const poem = [user('now write me a poem about it'), model('O list, so long and so alike…')];
    const later = [...coding, user('And for Java?'), model('new LinkedHashSet<>(items)')];
    expect((await route([...later, user('shorter, please')])).className).toBe('coding');
    expect((await route([...later, ...poem, user('shorter, please')])).className).toBe(
      'creative-writing',
    );
    // By itself it is neither.
    const alone = await route([user('shorter, please')]);
    expect(alone.context).toBeUndefined();
    expect(['coding', 'creative-writing']).not.toContain(alone.className);
  });
});

describe('an agent at work', () => {
  const system = 'You are an agent that edits files. Explain each step to the user. '.repeat(430);
  const reminder = {
    type: 'text',
    text: '<system-reminder>\nWrite a summary of the meeting into notes.md.\n</system-reminder>',
  };
  const ask = 'The login test fails with a TypeError, fix it';
  const output = 'Autumn leaves are falling down, a poem of red and brown.\n'.repeat(40);

  it('is sent where what the human asked belongs, in OpenAI’s protocol', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'read', arguments: '{}' } };
    const messages = [
      { role: 'system', content: system },
      user([reminder, { type: 'text', text: ask }]),
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: output },
    ];
    expect((await route(messages)).ask?.characters).toBe(ask.length);
    expect((await route(messages)).className).toBe('coding');
    expect(await classAt('/v1/chat/completions', { messages })).toBe('coding');
  });

  it('is sent there in Anthropic’s, where results of tools come in the human’s name', async () => {
    const messages = [
      user([reminder, { type: 'text', text: ask }]),
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'read', input: {} }] },
      user([{ type: 'tool_result', tool_use_id: 't1', content: output }, reminder]),
    ];
    const tools = [{ name: 'read', input_schema: { type: 'object' } }];
    expect(await classAt('/v1/messages', { max_tokens: 99, system, messages, tools })).toBe(
      'coding',
    );
  });
});

describe('the same conversation at every door', () => {
  it.each([
    ['And for Java?', 'coding'],
    ['now write me a poem about it', 'creative-writing'],
  ])('gets the same class: %s', async (ask, className) => {
    const messages = [...coding, user(ask)];
    expect(await classAt('/v1/chat/completions', { messages })).toBe(className);
    expect(await classAt('/v1/messages', { max_tokens: 99, messages })).toBe(className);
    expect(await classAt('/v1/responses', { input: messages })).toBe(className);
    const parts = messages.map(({ role, content }) => ({
      type: 'message',
      role,
      content: [{ type: role === 'user' ? 'input_text' : 'output_text', text: content }],
    }));
    expect(await classAt('/v1/responses', { input: parts })).toBe(className);
  });
});
