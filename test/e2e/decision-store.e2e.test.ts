import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownDecision } from '../../src/commands/describe-stored.ts';
import type { OpenAiError } from '../../src/errors.ts';
import type { DecisionSummary } from '../../src/telemetry/decisions/stored-decision.ts';
import {
  createHome,
  type Home,
  type RunningServer,
  runSwitchyard,
  startServer,
} from '../support/run-switchyard.ts';
import { completion, contentFrames, json, sse } from '../support/scripted-upstream.ts';
import { startTwoUpstreams, type TwoUpstreamsServer } from '../support/start-two-upstreams.ts';
import { twoUpstreams } from '../support/two-upstreams.ts';

const python = "fix this python error: TypeError: 'NoneType' object is not subscriptable";

let proxy: TwoUpstreamsServer;

beforeAll(async () => {
  // What neighbours vote is the last tier's to store.
  proxy = await startTwoUpstreams({ config: { embedding: { workers: 1, firstTier: false } } });
  proxy.strong.script(json(200, completion('fixed')));
  proxy.cheap.script(json(200, completion('cheaply')));
});

afterAll(() => proxy?.close());

/** A page of the list. */
interface Page {
  readonly data: readonly DecisionSummary[];
  readonly next_cursor: string | null;
}

interface Refusal {
  readonly error: OpenAiError;
}

/** The reply of an endpoint, which the caller knows the shape of. */
async function call<Body>(path: string, init: RequestInit = {}) {
  const reply = await fetch(`${proxy.url}${path}`, {
    headers: { 'content-type': 'application/json' },
    ...init,
  });
  return { status: reply.status, json: (await reply.json()) as Body };
}

const list = (query: string) => call<Page>(`/admin/decisions?${query}`);

const show = (id: string) => call<ShownDecision>(`/admin/decisions/${id}`);

const post = <Body>(path: string, body: object) =>
  call<Body>(path, { method: 'POST', body: JSON.stringify(body) });

/** Asks a question and gives the id of its decision. */
async function ask(prompt: string, fields: object = {}): Promise<string> {
  const reply = await fetch(`${proxy.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'auto',
      messages: [{ role: 'user', content: prompt }],
      ...fields,
    }),
  });
  await reply.text();
  return reply.headers.get('x-switchyard-decision-id') ?? '';
}

describe('GET /admin/decisions', () => {
  it('shows the request that was just answered, found by any of its properties', async () => {
    const id = await ask(python);
    const { status, json: page } = await list('limit=1');
    expect(status).toBe(200);
    expect(page).toMatchObject({
      object: 'list',
      data: [
        {
          id,
          class: 'coding',
          servedClass: 'coding',
          model: 'strong-1',
          provider: 'strong',
          outcome: 'ok',
          status: 200,
          abstained: null,
          attemptCount: 1,
          inputTokens: 5,
          outputTokens: 7,
          text: python,
        },
      ],
    });
    const from = new Date(Date.now() - 60_000).toISOString();
    for (const query of [
      'class=coding&model=strong-1&outcome=ok&abstained=false',
      'minConfidence=0.2&maxConfidence=1.0',
      `from=${from}&to=${Date.now() + 60_000}`,
      'text=nonetype%20PYTHON',
    ]) {
      const found = (await list(query)).json.data;
      expect(found.map((each) => each.id)).toContain(id);
    }
    for (const query of ['class=math', 'abstained=true', 'text=haskell', 'to=2020-01-01']) {
      const found = (await list(query)).json.data;
      expect(found.map((each) => each.id)).not.toContain(id);
    }
  });

  it('goes on where the page before ended', async () => {
    const ids = [await ask('one poem'), await ask('two poems'), await ask('three poems')];
    const seen: string[] = [];
    let cursor = '';
    do {
      const { json: page } = await list(`limit=2${cursor}`);
      seen.push(...page.data.map((each) => each.id));
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(seen.slice(0, 3)).toEqual(ids.toReversed());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['abstained=maybe', 'abstained'],
    ['minConfidence=1.5', 'minConfidence'],
    ['maxConfidence=-1', 'maxConfidence'],
    ['outcome=good', 'outcome'],
    ['from=yesterday', 'from'],
    ['to=', 'to'],
    ['text=%20!', 'text'],
    ['cursor=%27%3B--', 'cursor'],
    ['class[a]=b', 'class[a]'],
    ['klass=coding', 'klass'],
  ])('refuses ?%s, naming the parameter', async (query, param) => {
    const { status, json: reply } = await call<Refusal>(`/admin/decisions?${query}`);
    expect(status).toBe(400);
    expect(reply.error).toMatchObject({ code: 'invalid_request', param });
    expect(reply.error.message).toContain(param);
  });
});

describe('GET /admin/decisions/{id}', () => {
  it('explains down to the examples, the candidates, each attempt and what was decided with', async () => {
    proxy.strong.script(
      json(503, { error: { message: 'overloaded' } }),
      json(200, completion('fixed')),
    );
    const { json: decision } = await show(await ask(python));
    proxy.strong.script(json(200, completion('fixed')));
    expect(decision).toMatchObject({
      class: 'coding',
      model: 'strong-2',
      outcome: 'fallback_ok',
      requestedModel: 'auto',
      attempts: [
        { model: 'strong-1', outcome: 'failed', status: 503, durationMs: expect.any(Number) },
        { model: 'strong-2', outcome: 'ok', usage: { inputTokens: 5, outputTokens: 7 } },
      ],
      timings: { embedMs: expect.any(Number), searchMs: expect.any(Number) },
      replayable: true,
      bundle: {
        encoderHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        exampleSetHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        configHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      feedback: [],
    });
    expect(decision.posterior).toHaveLength(14);
    expect(decision.candidates[0]).toMatchObject({
      model: 'strong-1',
      reason: 'preferred by coding',
    });
    expect(decision.neighbours[0]?.text).toMatch(/\w/);
  });

  it('says of a stream that broke off who let it down', async () => {
    proxy.strong.script(sse(contentFrames('half an ans').slice(0, 2), { end: 'cut' }));
    const id = await ask(python, { stream: true });
    proxy.strong.script(json(200, completion('fixed')));
    expect((await show(id)).json).toMatchObject({
      outcome: 'upstream_error',
      stream: true,
      model: 'strong-1',
      firstContentMs: expect.any(Number),
      attempts: [{ model: 'strong-1', outcome: 'failed', firstContentMs: expect.any(Number) }],
    });
    const { json: page } = await list('outcome=upstream_error');
    expect(page.data.map((each) => each.id)).toEqual([id]);
  });

  it('does not know what never was', async () => {
    const { status, json: reply } = await call<Refusal>('/admin/decisions/dec_never');
    expect(status).toBe(404);
    expect(reply.error).toMatchObject({ code: 'not_found' });
  });
});

describe('POST /v1/feedback', () => {
  it('is kept with the decision, once however often it is said', async () => {
    const id = await ask(python);
    const said = { decision_id: id, class: 'math', score: 0.25, tags: ['wrong'], comment: 'no' };
    const first = await post('/v1/feedback', said);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ ...said, key: expect.stringMatching(/^[0-9a-f]{16}$/) });
    await post('/v1/feedback', said);
    await post('/v1/feedback', { decision_id: id, score: 0.5, key: 'user-7' });
    await post('/v1/feedback', { decision_id: id, score: 1, key: 'user-7' });
    const { feedback } = (await show(id)).json;
    expect(feedback).toHaveLength(2);
    expect(feedback).toContainEqual(expect.objectContaining({ key: 'user-7', score: 1 }));
    expect(feedback).toContainEqual(expect.objectContaining({ class: 'math', score: 0.25 }));
  });

  it.each<[string, object, number, string | null]>([
    ['an unknown decision', { decision_id: 'dec_never', score: 1 }, 404, null],
    ['an unknown class', { decision_id: 'dec_1', class: 'codng' }, 400, 'class'],
    ['nothing said', { decision_id: 'dec_1', comment: 'hm' }, 400, null],
    ['no decision', { score: 1 }, 400, 'decision_id'],
    ['too good a score', { decision_id: 'dec_1', score: 5 }, 400, 'score'],
    ['an unknown key', { decision_id: 'dec_1', score: 1, stars: 5 }, 400, null],
  ])('refuses %s', async (_what, body, status, param) => {
    const reply = await post<Refusal>('/v1/feedback', body);
    expect(reply.status).toBe(status);
    expect(reply.json.error.param).toBe(param);
  });

  it('takes nothing but JSON', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect((await call('/v1/feedback', { method: 'POST', body: '{}', headers })).status).toBe(415);
  });
});

describe('switchyard decisions', () => {
  it('lists and shows through the running server', async () => {
    const { home } = proxy;
    const id = await ask('translate to French: where is the station?');
    const listed = await runSwitchyard(['decisions', 'list', '--limit', '3'], { home });
    expect(listed.stderr).toBe('');
    const [head, ...lines] = listed.stdout.trim().split('\n');
    expect(head).toMatch(/^id +time +class +conf +model +outcome +tries +prompt$/);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain(id);
    expect(lines[0]).toMatch(/translation +0\.\d\d +cheap-1 +ok +1 +translate to French/);

    const found = await runSwitchyard(
      ['decisions', 'list', '--class', 'translation', '--text', 'french station', '--json'],
      { home },
    );
    expect(JSON.parse(found.stdout)).toMatchObject({ id, class: 'translation' });

    const shown = await runSwitchyard(['decisions', 'show', id], { home });
    expect(shown.stdout).toContain('translation with confidence');
    for (const part of ['classes', 'neighbours', 'plan', 'attempts', 'preferred by translation']) {
      expect(shown.stdout).toContain(part);
    }
    const json = await runSwitchyard(['decisions', 'show', id, '--json'], { home });
    expect(JSON.parse(json.stdout)).toMatchObject({ id, attempts: [{ model: 'cheap-1' }] });

    const unknown = await runSwitchyard(['decisions', 'show', 'dec_never'], { home });
    expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unknown.stderr).toContain('There is no decision "dec_never"');
  });
});

describe('switchyard decisions, when no server runs', () => {
  let other: Home;
  let before: { requests: number } | undefined;

  beforeAll(() => {
    other = createHome();
    other.writeConfig(twoUpstreams({ strong: proxy.strong.url, cheap: proxy.cheap.url }));
  });

  afterAll(() => other?.remove());

  it('says so where none has been kept', async () => {
    const none = await runSwitchyard(['decisions', 'list'], { home: other });
    expect(none.exitCode).toBe(1);
    expect(none.stderr).toContain('No decision has been kept');
  });

  const statsOf = async ({ url }: RunningServer) =>
    (await (await fetch(`${url}/admin/stats`)).json()) as { requests: number };

  it('reads the file itself, also what came last', async () => {
    const running = await startServer({ home: other });
    await fetch(`${running.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'auto',
        messages: [{ role: 'user', content: 'what is 17% of 2450' }],
      }),
    });
    before = await statsOf(running);
    await running.stop();
    const listed = await runSwitchyard(['decisions', 'list', '--json'], { home: other });
    const decision = JSON.parse(listed.stdout);
    expect(decision).toMatchObject({
      class: 'math',
      model: 'cheap-1',
      text: 'what is 17% of 2450',
    });
    const shown = await runSwitchyard(['decisions', 'show', decision.id], { home: other });
    expect(shown.stdout).toContain('math with confidence');
  });

  it('counts what was before a server began', async () => {
    const next = await startServer({ home: other });
    await next.logged('the statistics go on where they stood');
    expect(before?.requests).toBe(1);
    expect(await statsOf(next)).toEqual(before);
    await next.stop();
  });
});

describe('without decisions.enabled', () => {
  it('keeps nothing, and the endpoints say so', async () => {
    const other = createHome();
    other.writeConfig({
      ...twoUpstreams({ strong: proxy.strong.url, cheap: proxy.cheap.url }),
      decisions: { enabled: false },
    });
    const running = await startServer({ home: other });
    try {
      const reply = await fetch(`${running.url}/admin/decisions`);
      expect(reply.status).toBe(503);
      expect(await reply.json()).toMatchObject({
        error: { code: 'not_ready', message: expect.stringContaining('decisions.enabled') },
      });
    } finally {
      await running.stop();
      other.remove();
    }
  });
});

describe('a store that can not be used', () => {
  it('is left alone: requests are served, questions answered with not_ready, and the log says why', async () => {
    const other = createHome();
    other.writeConfig(twoUpstreams({ strong: proxy.strong.url, cheap: proxy.cheap.url }));
    mkdirSync(join(other.dataDir, 'decisions.db'));
    const running = await startServer({ home: other });
    try {
      expect(running.log()).toContain('the decision store is not available');
      const reply = await fetch(`${running.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'hi' }] }),
      });
      expect(reply.status).toBe(200);
      await running.logged('decisions dropped: 1');
      const list = await fetch(`${running.url}/admin/decisions`);
      expect(list.status).toBe(503);
      expect(await list.json()).toMatchObject({ error: { code: 'not_ready' } });
    } finally {
      await running.stop();
      other.remove();
    }
  });

  it('keeps the router from starting when a newer version wrote it', async () => {
    const other = createHome();
    const database = new Database(join(other.dataDir, 'decisions.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    const { exitCode, stderr } = await runSwitchyard(['serve', '--port', '0'], { home: other });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /decisions\.db was written by a newer version of Switchyard.*not touched/,
    );
    expect(stderr).not.toContain('    at ');
    other.remove();
  });
});
