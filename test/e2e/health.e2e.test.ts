import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createHome,
  type Home,
  type RunningServer,
  runSwitchyard,
  startServer,
} from '../support/run-switchyard.ts';
import {
  completion,
  createScriptedUpstream,
  json,
  type ScriptedUpstream,
} from '../support/scripted-upstream.ts';
import { message, twoProtocols } from '../support/two-protocols.ts';

const down = json(503, { error: { message: 'down' } });

let home: Home;
let open: ScriptedUpstream;
let claude: ScriptedUpstream;
let server: RunningServer;

beforeAll(async () => {
  home = createHome();
  open = await createScriptedUpstream();
  claude = await createScriptedUpstream();
  home.writeConfig({
    ...twoProtocols({ open: open.url, claude: claude.url }),
    retries: { perModel: 1, waitMs: 1_000 },
    breaker: { failuresInARow: 2, openMs: 60_000 },
  });
  server = await startServer({ home });
});

afterAll(async () => {
  await server.stop();
  for (const upstream of [open, claude]) await upstream.close();
  home.remove();
});

beforeEach(async () => {
  for (const model of ['gpt', 'claude']) {
    await fetch(`${server.url}/admin/health/release`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model }),
    });
  }
  open.script(json(200, completion('from gpt')));
});

function chat(model: string): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
}

async function attemptsOf(model: string): Promise<string | null> {
  const reply = await chat(model);
  await reply.text();
  return reply.headers.get('x-switchyard-attempts');
}

function health(...args: string[]) {
  return runSwitchyard(['health', ...args], { home });
}

describe('a model that fails', () => {
  it('is asked again before the next one is', async () => {
    claude.script(down, json(200, message('from claude')));
    expect(await attemptsOf('class:coding')).toBe('coding/claude:503, coding/claude:ok');
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('switchyard_retries_total{provider="claude",outcome="made"} 1\n');
  });

  it('is left alone once it keeps failing, until it is released', async () => {
    claude.script(down);
    expect(await attemptsOf('class:coding')).toBe(
      'coding/claude:503, coding/claude:503, coding/gpt:ok',
    );
    const asked = claude.requests.length;
    expect(await attemptsOf('class:coding')).toBe('coding/gpt:ok');
    expect(claude.requests).toHaveLength(asked);
    await server.logged('gets no calls for now');
    const { stdout } = await health();
    expect(stdout).toMatch(/^model +claude +open, 2 calls in a row failed: HTTP 503.*, next call/m);
    expect(stdout).toMatch(/^model +gpt +closed$/m);
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, 'ok\nmodel claude: open\n']);

    claude.script(json(200, message('from claude')));
    await health('release', 'claude');
    expect(await attemptsOf('class:coding')).toBe('coding/claude:ok');
  });

  it('gets one last try when nobody else is left, and then the client hears when to come back', async () => {
    claude.script(down);
    await chat('claude');
    const asked = claude.requests.length;
    const reply = await chat('claude');
    expect(claude.requests).toHaveLength(asked + 1);
    expect(reply.status).toBe(503);
    expect(Number(reply.headers.get('retry-after-ms'))).toBeLessThanOrEqual(60_000);
    expect(reply.headers.get('x-should-retry')).toBe('true');
    expect(await reply.json()).toMatchObject({ error: { code: 'no_candidate' } });
  });

  it('that limits the rate is passed over for as long as it says', async () => {
    claude.script(json(429, { error: { message: 'busy' } }, { 'retry-after': '30' }));
    expect(await attemptsOf('class:coding')).toBe('coding/claude:429, coding/gpt:ok');
    expect(await attemptsOf('class:coding')).toBe('coding/gpt:ok');
    const alone = await chat('claude');
    expect(alone.status).toBe(429);
    expect(Number(alone.headers.get('retry-after'))).toBeGreaterThan(25);
  });
});

describe('a model in the hands of an operator', () => {
  it('gets no calls while isolated, and says why', async () => {
    const isolated = await health('isolate', 'gpt', '--reason', 'wrong answers');
    expect(isolated).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no calls') });
    const reply = await chat('gpt');
    expect(reply.status).toBe(503);
    expect(await reply.json()).toMatchObject({
      error: { message: expect.stringContaining('isolated: wrong answers') },
    });
    const listed = (await health('list', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(listed).toContainEqual({
      kind: 'model',
      name: 'gpt',
      state: 'isolated',
      reason: 'wrong answers',
    });
    expect((await health('release', 'gpt')).exitCode).toBe(0);
    expect((await chat('gpt')).status).toBe(200);
  });

  it('stays isolated when the server starts anew, until it is released', async () => {
    await health('isolate', 'gpt', '--reason', 'wrong answers');
    await server.stop();
    server = await startServer({ home });
    expect(server.log()).toContain('"model":"gpt","msg":"is still isolated"');
    expect((await chat('gpt')).status).toBe(503);
    expect((await health()).stdout).toMatch(/^model +gpt +isolated, wrong answers$/m);
    await health('release', 'gpt');
    await server.stop();
    server = await startServer({ home });
    expect((await chat('gpt')).status).toBe(200);
  });

  it('has to be one that there is', async () => {
    const unknown = await health('isolate', 'cluade');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain('There is no model "cluade" (did you mean "claude"?)');
  });
});

describe('a provider that refuses the key', () => {
  it('is left alone, and the log says so', async () => {
    claude.script(json(401, { error: { type: 'authentication_error', message: 'invalid' } }));
    expect(await attemptsOf('class:coding')).toBe('coding/claude:401, coding/gpt:ok');
    expect(await attemptsOf('class:coding')).toBe('coding/gpt:ok');
    await server.logged('"provider":"claude","kind":"open"');
    expect((await health()).stdout).toMatch(
      /^provider +claude +open, HTTP 401.*next call in [456]\d\d s/m,
    );
  });
});
