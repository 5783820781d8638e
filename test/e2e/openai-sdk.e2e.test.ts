import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { completion, contentFrames, json, reset, sse } from '../support/scripted-upstream.ts';
import { startTwoUpstreams, type TwoUpstreamsServer } from '../support/start-two-upstreams.ts';

const codingPrompt = 'fix this python error: TypeError: NoneType object is not subscriptable';
const smallTalk = 'hi, how are you today?';

let proxy: TwoUpstreamsServer;
let client: OpenAI;

beforeAll(async () => {
  proxy = await startTwoUpstreams();
  client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'client-secret', maxRetries: 0 });
});

afterAll(() => proxy?.close());

beforeEach(() => {
  proxy.strong.scriptModel('upstream-strong-1', json(200, completion('from strong 1')));
  proxy.strong.scriptModel('strong-2', json(200, completion('from strong 2')));
  proxy.cheap.scriptModel('cheap-1', json(200, completion('from cheap')));
});

function ask(content: string, model = 'auto') {
  return client.chat.completions
    .create({ model, messages: [{ role: 'user', content }] })
    .withResponse();
}

async function failureOf(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const thrown = await promise.catch((error: unknown) => error);
  if (!(thrown instanceof OpenAI.APIError)) throw new Error(`no APIError: ${String(thrown)}`);
  return thrown;
}

describe('the OpenAI SDK with only its base URL changed', () => {
  it('reaches the strong model with a coding prompt and the cheap one with small talk', async () => {
    const coding = await ask(codingPrompt);
    expect(coding.data.choices[0]?.message.content).toBe('from strong 1');
    expect(coding.response.headers.get('x-switchyard-class')).toBe('coding');
    expect(coding.response.headers.get('x-switchyard-model')).toBe('strong-1');
    expect(coding.response.headers.get('x-switchyard-provider')).toBe('strong');
    expect(coding.response.headers.get('x-switchyard-attempts')).toBe('coding/strong-1:ok');
    expect(coding.response.headers.get('x-switchyard-decision-id')).toMatch(/^dec_/);
    expect(Number(coding.response.headers.get('x-switchyard-confidence'))).toBeGreaterThan(0.3);

    const chat = await ask(smallTalk);
    expect(chat.data.choices[0]?.message.content).toBe('from cheap');
    expect(chat.response.headers.get('x-switchyard-class')).toBe('chat');
  });

  it('sends the upstream the body as written, but for the model, and none of the client credentials', async () => {
    const body = `{"messages": [{"role":"user","content":"${codingPrompt}"}],  "model":"auto","seed":12345678901234567890,"x":1.0}`;
    const reply = await fetch(`${proxy.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer client-secret' },
      body,
    });
    expect(reply.status).toBe(200);
    const received = proxy.strong.requests.at(-1);
    expect(received?.body.toString()).toBe(body.replace('"auto"', '"upstream-strong-1"'));
    expect(received?.headers.authorization).toBe('Bearer provider-secret');
    expect(JSON.stringify(received?.headers)).not.toContain('client-secret');
  });

  it('streams', async () => {
    proxy.strong.scriptModel('upstream-strong-1', sse(contentFrames('Try ', 'this.')));
    const stream = await client.chat.completions.create({
      model: 'auto',
      stream: true,
      messages: [{ role: 'user', content: codingPrompt }],
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Try this.');
  });

  it('gets the next model of the class, then of the next-best class, while models answer 503', async () => {
    proxy.strong.scriptModel('upstream-strong-1', json(503, { error: { message: 'overloaded' } }));
    const second = await ask(codingPrompt);
    expect(second.data.choices[0]?.message.content).toBe('from strong 2');
    expect(second.response.headers.get('x-switchyard-attempts')).toBe(
      'coding/strong-1:503, coding/strong-2:ok',
    );

    proxy.strong.scriptModel('strong-2', json(503, { error: { message: 'overloaded' } }));
    const third = await ask(codingPrompt);
    expect(third.data.choices[0]?.message.content).toBe('from cheap');
    expect(third.response.headers.get('x-switchyard-attempts')).toMatch(
      /^coding\/strong-1:503, coding\/strong-2:503, (?!coding)[a-z-]+\/cheap-1:ok$/,
    );
    expect(third.response.headers.get('x-switchyard-class')).not.toBe('coding');
  });

  it.each([
    ['drops the connection', reset],
    ['breaks off before any content', sse([], { end: 'cut' })],
    [
      'sends an error inside a stream with status 200',
      sse(['data: {"error":{"message":"no"}}\n\n']),
    ],
  ])('streams from the next model when the first %s', async (_story, step) => {
    proxy.strong.scriptModel('upstream-strong-1', step);
    proxy.strong.scriptModel('strong-2', sse(contentFrames('rescued')));
    const stream = await client.chat.completions.create({
      model: 'auto',
      stream: true,
      messages: [{ role: 'user', content: codingPrompt }],
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('rescued');
  });

  it('never ends cleanly when the stream breaks after content', async () => {
    proxy.strong.scriptModel(
      'upstream-strong-1',
      sse(contentFrames('half').slice(0, 2), { end: 'cut' }),
    );
    const stream = await client.chat.completions.create({
      model: 'auto',
      stream: true,
      messages: [{ role: 'user', content: codingPrompt }],
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toThrow(OpenAI.APIError);
    expect(text).toBe('half');
  });

  it('says 502 and names every attempt when nobody answers', async () => {
    proxy.strong.scriptModel('upstream-strong-1', json(500, { error: { message: 'boom' } }));
    proxy.strong.scriptModel('strong-2', reset);
    proxy.cheap.scriptModel('cheap-1', json(503, 'not even JSON'));
    const error = await failureOf(ask(codingPrompt));
    expect(error.status).toBe(502);
    expect(error.code).toBe('upstream_error');
    expect(error.headers?.get('x-should-retry')).toBe('false');
    expect(error.headers?.get('x-switchyard-decision-id')).toMatch(/^dec_/);
    expect(error.requestID).toBe(error.headers?.get('x-request-id'));
    const { attempts } = error.error as {
      attempts: { model: string; status?: number; cause: string }[];
    };
    expect(attempts.map(({ model }) => model)).toEqual(['strong-1', 'strong-2', 'cheap-1']);
    expect(attempts.map(({ cause }) => cause)).toEqual(['server-error', 'reset', 'server-error']);
  });

  it('says 429 with the soonest retry-after when everybody limits the rate', async () => {
    const limited = (seconds: string) =>
      json(429, { error: { message: 'slow down' } }, { 'retry-after': seconds });
    proxy.strong.scriptModel('upstream-strong-1', limited('30'));
    proxy.strong.scriptModel('strong-2', limited('7'));
    proxy.cheap.scriptModel('cheap-1', limited('20'));
    const error = await failureOf(ask(codingPrompt));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error.headers?.get('retry-after')).toBe('7');
  });

  it('passes the error on and asks nobody else when the request itself is wrong', async () => {
    proxy.strong.scriptModel(
      'upstream-strong-1',
      json(400, {
        error: {
          message: 'temperature is too high',
          type: 'invalid_request_error',
          code: null,
          param: 'temperature',
        },
      }),
    );
    const error = await failureOf(ask(codingPrompt));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error.param).toBe('temperature');
    expect(error.headers?.get('x-switchyard-attempts')).toBe('coding/strong-1:400');
  });

  it('refuses a prompt that fits no context window, before it asks anybody', async () => {
    const before = proxy.strong.requests.length + proxy.cheap.requests.length;
    const error = await failureOf(ask('word '.repeat(4 * 1024 * 1024)));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error.code).toBe('context_length_exceeded');
    expect(proxy.strong.requests.length + proxy.cheap.requests.length).toBe(before);
  });

  it('goes to the named class or model without weighing anything', async () => {
    const byClass = await ask(smallTalk, 'class:coding');
    expect(byClass.data.choices[0]?.message.content).toBe('from strong 1');
    expect(byClass.response.headers.get('x-switchyard-class')).toBe('coding');
    expect(byClass.response.headers.get('x-switchyard-confidence')).toBeNull();

    const byModel = await ask(smallTalk, 'strong-2');
    expect(byModel.data.choices[0]?.message.content).toBe('from strong 2');
    expect(byModel.response.headers.get('x-switchyard-class')).toBeNull();
    expect(byModel.response.headers.get('x-switchyard-attempts')).toBe('strong-2:ok');
  });

  it('suggests the model that was probably meant', async () => {
    const error = await failureOf(ask(smallTalk, 'strong-3'));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error.code).toBe('model_not_found');
    expect(error.message).toContain('did you mean "strong-1"');
  });

  it('lists the names that a client can use', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toContain('auto');
    expect(ids).toContain('class:coding');
    expect(ids).toContain('strong-1');
    expect((await client.models.retrieve('strong-1')).owned_by).toBe('strong');
  });

  it('stops the upstream when the client leaves', async () => {
    let arrived = () => {};
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    proxy.strong.scriptModel('upstream-strong-1', () => arrived());
    const controller = new AbortController();
    const pending = client.chat.completions.create(
      { model: 'auto', messages: [{ role: 'user', content: codingPrompt }] },
      { signal: controller.signal },
    );
    const outcome = expect(pending).rejects.toThrow(OpenAI.APIUserAbortError);
    await waiting;
    controller.abort();
    await outcome;
    await proxy.strong.requests.at(-1)?.aborted;
  });
});
