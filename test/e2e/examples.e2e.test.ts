import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '../../src/routing/decision.ts';
import { createFewExamplesHome } from '../support/few-examples.ts';
import {
  type Home,
  type RunningServer,
  runSwitchyard,
  startServer,
} from '../support/run-switchyard.ts';

const prompt = 'kalibriere den Fluxkompensator vom Zug';

let home: Home;
let server: RunningServer;

beforeAll(async () => {
  home = createFewExamplesHome(4);
  server = await startServer({ home });
});

afterAll(async () => {
  await server?.stop();
  home?.remove();
});

/** What the endpoints under test answer with, as far as the tests look at it. */
interface Answer {
  readonly id: string;
  readonly className: string;
  readonly basis: Decision['basis'];
  readonly neighbours: Decision['neighbours'];
  readonly posterior: Decision['posterior'];
  readonly error: { readonly message: string };
}

async function call(path: string, init: RequestInit = {}) {
  const reply = await fetch(`${server.url}${path}`, {
    headers: { 'content-type': 'application/json' },
    ...init,
  });
  return { status: reply.status, json: (await reply.json()) as Answer };
}

function add(text: string, className: string) {
  return call('/admin/examples', {
    method: 'POST',
    body: JSON.stringify({ text, class: className }),
  });
}

async function route(text: string) {
  return (await call('/v1/route', { method: 'POST', body: JSON.stringify({ prompt: text }) })).json;
}

describe('POST /admin/examples', () => {
  it('is felt by the very next request: the same text gets its class, similar ones see it', async () => {
    expect((await route(prompt)).basis.kind).not.toBe('example');
    const added = await add(prompt, 'coding');
    expect(added.status).toBe(201);
    expect(added.json).toMatchObject({ text: prompt, class: 'coding', origin: 'journal' });

    const same = await route(`  ${prompt.toUpperCase()}\n`);
    expect(same.className).toBe('coding');
    expect(same.basis).toEqual({ kind: 'example', exampleId: added.json.id });
    const similar = await route('kalibriere bitte den Fluxkompensator');
    expect(similar.neighbours.map(({ id }) => id)).toContain(added.json.id);
  });

  it('is learnt by the classifier in the background', async () => {
    const before = await route('defrost the hyperdrive manifold');
    await add('defrost the hyperdrive manifold before the race', 'math');
    await server.logged('the classifier follows the examples');
    const weightOfMath = ({ posterior }: Answer) =>
      posterior.find(({ className }) => className === 'math')?.probability ?? 0;
    const after = await route('defrost the hyperdrive manifold');
    expect(weightOfMath(after)).toBeGreaterThan(weightOfMath(before));
  });

  it('is on disk before the reply', async () => {
    await add('a prompt that has to survive a crash', 'translation');
    const journal = readFileSync(join(home.dataDir, 'examples.journal.jsonl'), 'utf8');
    expect(journal).toContain('a prompt that has to survive a crash');
  });

  it.each([
    ['an unknown class', { text: 'x', class: 'codng' }, 400, /did you mean "coding"/],
    ['no text', { text: ' ', class: 'coding' }, 400, /empty/],
    ['a duplicate', { text: `${prompt} `, class: 'coding' }, 409, /same text/],
    ['a contradiction', { text: prompt, class: 'translation' }, 409, /under the class "coding"/],
    ['too long a text', { text: 'x'.repeat(20_001), class: 'coding' }, 400, /20000/],
    ['an unknown key', { text: 'x', class: 'coding', klass: 1 }, 400, /klass/],
  ])('refuses %s', async (_what, body, status, message) => {
    const reply = await call('/admin/examples', { method: 'POST', body: JSON.stringify(body) });
    expect(reply.status).toBe(status);
    expect(reply.json.error.message).toMatch(message);
  });

  it('forgets an example on DELETE', async () => {
    const { json } = await add('an example that will not stay', 'translation');
    expect((await call(`/admin/examples/${json.id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await route('an example that will not stay')).basis.kind).not.toBe('example');
    expect((await call(`/admin/examples/${json.id}`, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('the admin endpoints', () => {
  it.each([
    [
      'a form, which any web page may send',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
    ],
    [
      'a page of another origin',
      { 'content-type': 'application/json', origin: 'https://evil.example' },
      403,
    ],
  ])('refuse %s', async (_what, headers, status) => {
    const body = JSON.stringify({ text: 'from a web page', class: 'translation' });
    const reply = await call('/admin/examples', { method: 'POST', body, headers });
    expect(reply.status).toBe(status);
  });

  it('refuse a name that was rebound to this machine', async () => {
    // fetch does not let a caller choose Host.
    const { request } = await import('node:http');
    const { hostname, port } = new URL(server.url);
    const status = await new Promise((resolve, reject) => {
      const options = {
        hostname,
        port,
        path: '/admin/examples',
        headers: { host: 'evil.example' },
      };
      request(options, (reply) => resolve(reply.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});

describe('switchyard examples', () => {
  it('goes through the running server, which feels it at once', async () => {
    const added = await runSwitchyard(
      ['examples', 'add', 'math', 'gauge the wigglefactor', '--json'],
      { home },
    );
    expect(added.stderr).toBe('');
    expect(added.exitCode).toBe(0);
    const { id } = JSON.parse(added.stdout);
    expect((await route('gauge the wigglefactor')).basis).toEqual({
      kind: 'example',
      exampleId: id,
    });

    const listed = await runSwitchyard(['examples', 'list', '--class', 'math'], { home });
    expect(listed.stdout).toContain(`${id}  math`);

    const removed = await runSwitchyard(['examples', 'remove', id], { home });
    expect(removed.exitCode).toBe(0);
    expect((await route('gauge the wigglefactor')).basis.kind).not.toBe('example');
  });

  it('says in the server’s words what is wrong', async () => {
    const refused = await runSwitchyard(['examples', 'add', 'codng', 'x'], { home });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('did you mean "coding"');
  });

  it('writes the journal itself when no server runs; the next start knows the example', async () => {
    const quiet = createFewExamplesHome(4);
    const added = await runSwitchyard(['examples', 'add', 'coding', prompt], { home: quiet });
    expect(added.exitCode).toBe(0);
    const routed = await runSwitchyard(['route', prompt, '--json'], { home: quiet });
    expect(JSON.parse(routed.stdout)).toMatchObject({
      className: 'coding',
      basis: { kind: 'example' },
    });
    quiet.remove();
  });
});

describe('switchyard index build', () => {
  let other: ReturnType<typeof createFewExamplesHome>;
  let running: RunningServer;

  beforeAll(async () => {
    other = createFewExamplesHome(5);
    running = await startServer({ home: other });
  });

  afterAll(async () => {
    await running?.stop();
    other?.remove();
  });

  it('makes a running server take over what was tuned, though no example is new', async () => {
    expect(running.log()).toContain('nothing is tuned for these examples');
    await runSwitchyard(['index', 'build'], { home: other });
    await running.logged('swapped to a new index');
    const [, since] = running.log().split('"examples":20');
    expect(since).toBeDefined();
    expect(since).not.toContain('nothing is tuned');
  });

  it('makes a running server swap to the edited datasets', async () => {
    const line = JSON.stringify({ text: 'polish the brass on number 42', class: 'rewriting' });
    appendFileSync(join(other.examplesDirectory, 'rewriting.jsonl'), `${line}\n`);
    const built = await runSwitchyard(['index', 'build'], { home: other });
    expect(built.stderr).toContain('1 of 1');
    expect(existsSync(join(other.dataDir, 'tuning.json'))).toBe(true);
    await running.logged('"examples":21');
    const reply = await fetch(`${running.url}/v1/route`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Polish the brass on number 42' }),
    });
    expect(await reply.json()).toMatchObject({
      className: 'rewriting',
      basis: { kind: 'example' },
    });
  });
});
