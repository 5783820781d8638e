import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredDecision } from '../../src/telemetry/decisions/stored-decision.ts';
import { response } from '../support/scripted-responses.ts';
import { completion, json, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { type StartedProxy, startProxy } from '../support/start-proxy.ts';
import { twoUpstreams } from '../support/two-upstreams.ts';

interface Message {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: object[];
  readonly tool_call_id?: string;
}

const user = (content: string): Message => ({ role: 'user', content });
const model = (content: string): Message => ({ role: 'assistant', content });
const prices = {
  dear: { input: 5, output: 25, cachedInput: 0.5 },
  cheap: { input: 0.25, output: 2, cachedInput: 0.025 },
};

let proxy: StartedProxy;
let strong: ScriptedUpstream;
let cheap: ScriptedUpstream;

const toProvider = (baseUrl: string) => ({ baseUrl, apiKey: 'a', speaks: ['chat', 'responses'] });

beforeAll(async () => {
  const started = await startProxy(
    (strongUrl, cheapUrl) => ({
      ...twoUpstreams({ strong: strongUrl, cheap: cheapUrl }),
      providers: { strong: toProvider(strongUrl), cheap: toProvider(cheapUrl) },
      models: {
        'strong-1': { provider: 'strong', tier: 3, prices: prices.dear },
        'strong-2': { provider: 'strong', tier: 3, prices: prices.dear },
        'cheap-1': { provider: 'cheap', tier: 1, prices: prices.cheap },
      },
    }),
    {},
  );
  proxy = started;
  [strong, cheap] = started.upstreams;
  cheap.script(json(200, completion('a poem')));
  strong.script(json(200, completion('code')));
});

afterAll(() => proxy?.close());

async function ask(messages: readonly Message[], headers: Record<string, string> = {}) {
  return send('/v1/chat/completions', { messages }, headers);
}

async function send(path: string, body: object, headers: Record<string, string> = {}) {
  const reply = await fetch(`${proxy.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'auto', ...body }),
  });
  expect(reply.status).toBe(200);
  const header = (name: string) => reply.headers.get(`x-switchyard-${name}`);
  const told = { model: header('model'), className: header('class'), id: header('decision-id') };
  return { ...told, json: (await reply.json()) as Record<string, unknown> };
}

async function show(id: string | null): Promise<StoredDecision> {
  const response = await fetch(`${proxy.url}/admin/decisions/${id}`);
  return (await response.json()) as StoredDecision;
}

const poem = user('Write a poem about autumn leaves');
const code = user('write a python function that merges two sorted lists');

describe('a conversation that changes its task', () => {
  it('changes its model while it is short', async () => {
    expect(await ask([poem])).toMatchObject({ model: 'cheap-1', className: 'creative-writing' });
    const turn = await ask([poem, model('Leaves …'), code]);
    expect(turn).toMatchObject({ model: 'strong-1', className: 'coding' });
    expect(await show(turn.id)).toMatchObject({
      hold: { model: 'cheap-1', kind: 'leaves', sum: { gainUsd: expect.any(Number) } },
      context: { turns: 1 },
      ask: { characters: code.content?.length, read: 'whole', tokens: expect.any(Number) },
    });
  });

  it('stays where reading everything again costs more than the right model is worth', async () => {
    const long = [{ role: 'system', content: 'All of our poems. '.repeat(20_000) }, poem];
    await ask(long);
    const turn = await ask([...long, model('Leaves …'), code]);
    expect(turn).toMatchObject({ model: 'cheap-1', className: 'creative-writing' });
    const { hold, candidates } = await show(turn.id);
    expect(hold?.kind).toBe('stays');
    expect(hold?.sum?.costUsd).toBeGreaterThan(hold?.sum?.gainUsd ?? 1);
    expect(candidates[0]).toMatchObject({
      model: 'cheap-1',
      cause: 'held',
      reason: expect.stringMatching(/^holds the conversation: leaving costs \$/),
    });
  });

  it('takes no thoughts of one provider to another', async () => {
    const thought = { ...model('def merge …'), reasoning_content: 'two pointers' };
    await ask([code]);
    const turn = await ask([code, thought, user('now write a poem about merging rivers')]);
    expect(turn).toMatchObject({ model: 'cheap-1' });
    expect(cheap.requests.at(-1)?.json['messages']).toEqual([
      code,
      model('def merge …'),
      user('now write a poem about merging rivers'),
    ]);
  });

  it('takes no thoughts to another provider either where the client names the model', async () => {
    const thought = { ...model('def merge …'), reasoning_content: 'two pointers' };
    const opening = user('write a python function that splits a list');
    await send('/v1/chat/completions', { model: 'strong-1', messages: [opening] });
    const messages = [opening, thought, user('thanks')];
    await send('/v1/chat/completions', { model: 'cheap-1', messages });
    expect(cheap.requests.at(-1)?.json['messages']).toEqual([
      opening,
      model('def merge …'),
      user('thanks'),
    ]);
  });

  it('serves each class that its model is meant for', async () => {
    expect(await ask([poem])).toMatchObject({ model: 'cheap-1', className: 'creative-writing' });
    const turn = await ask([poem, model('Leaves …'), user('Translate "good morning" into French')]);
    expect(turn).toMatchObject({ model: 'cheap-1', className: 'translation' });
    expect((await show(turn.id)).hold).toMatchObject({ kind: 'stays' });
  });

  it('is known by its header, whatever came between', async () => {
    const named = { 'x-switchyard-conversation': 'my-thread' };
    await ask([poem], named);
    const messages = [poem, model('Leaves …'), user('skipped'), model('…'), code];
    const { json } = await send('/v1/route', { messages }, named);
    expect(json).toMatchObject({ hold: { model: 'cheap-1', kind: 'leaves' } });
  });

  it('has nothing to do with another one under the same name', async () => {
    const named = { 'x-switchyard-conversation': 'shared' };
    await ask([code], named);
    await ask([poem], named);
    const turn = await ask([poem, model('Leaves …'), user('a bit shorter')], named);
    expect(turn).toMatchObject({ model: 'cheap-1', className: 'creative-writing' });
    const other = await ask([code, model('def merge …'), user('and in Java?')], named);
    expect(other).toMatchObject({ model: 'strong-1', className: 'coding' });
    expect((await show(other.id)).hold).toMatchObject({ model: 'strong-1', kind: 'stays' });
  });

  it('is not changed by asking where a turn would go', async () => {
    const opening = user('Write a poem about a quiet harbour');
    await ask([opening]);
    const second = [opening, model('Boats …'), code];
    const dry = await send('/v1/route', { messages: second });
    expect(dry.json).toMatchObject({ hold: { model: 'cheap-1' } });
    const third = await send('/v1/route', { messages: [...second, model('def …'), poem] });
    expect(third.json).toMatchObject({ hold: null });
    expect((await send('/v1/route', { messages: second })).json).toMatchObject({
      hold: { model: 'cheap-1' },
    });
  });
});

describe('an agent at work', () => {
  it('stays with the model that took over, until the human speaks again', async () => {
    strong.scriptModel('upstream-strong-1', json(503, {}), json(200, completion('code')));
    strong.scriptModel('strong-1', json(503, {}), json(200, completion('code')));
    const task = user('refactor the function parseHeader in src/http.ts and run its tests');
    expect(await ask([task])).toMatchObject({ model: 'strong-2' });
    const call = { id: 'call_1', type: 'function', function: { name: 'run', arguments: '{}' } };
    const loop = [
      task,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'translate to French: 3 tests failed' },
    ];
    const step = await ask(loop);
    expect(step).toMatchObject({ model: 'strong-2', className: 'coding' });
    expect(await show(step.id)).toMatchObject({
      hold: { kind: 'stays', reason: 'at work on the same request' },
    });
  });

  it('stays with it where it goes on from a response that the provider keeps', async () => {
    cheap.script(json(200, response('a poem')));
    strong.scriptModel('strong-1', json(200, response('code', { id: 'resp_kept' })));
    const first = await send('/v1/responses', { input: code.content });
    expect(first).toMatchObject({ model: 'strong-1', className: 'coding' });
    const input = [{ type: 'function_call_output', call_id: 'call_1', output: '3 tests failed' }];
    const step = await send('/v1/responses', { input, previous_response_id: 'resp_kept' });
    expect(step).toMatchObject({ model: 'strong-1', className: 'coding' });
    expect((await show(step.id)).hold).toMatchObject({ reason: 'at work on the same request' });
  });
});
