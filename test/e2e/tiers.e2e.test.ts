import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  createHome,
  type Home,
  type RunningServer,
  runSwitchyard,
  startServer,
} from '../support/run-switchyard.ts';
import { shipped } from '../support/two-upstreams.ts';

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

const easy = 'Please translate the following sentence into French: the weather is nice today.';

function post(path: string, body: object, headers: Record<string, string> = {}) {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function ask(contents: readonly string[], headers?: Record<string, string>) {
  const messages = contents.map((content) => ({ role: 'user', content }));
  return post('/v1/chat/completions', { model: 'auto', messages }, headers);
}

async function tierOf(contents: readonly string[], headers?: Record<string, string>) {
  return (await ask(contents, headers)).headers.get('x-switchyard-tier');
}

describe('the tiers behind the proxy', () => {
  it('leave an easy prompt to the first one, which says what it decided', async () => {
    const { headers } = await ask([easy]);
    expect(headers.get('x-switchyard-tier')).toBe('static');
    expect(headers.get('x-switchyard-class')).toBe('translation');
    expect(Number(headers.get('x-switchyard-confidence'))).toBeGreaterThan(0.5);
  });

  it('take a hard prompt, a later turn and an explanation to the last one', async () => {
    expect(await tierOf(['lorem ipsum dolor'])).toBe('transformer');
    expect(await tierOf(['hello', easy])).toBe('transformer');
    expect(await tierOf([easy], { 'x-switchyard-explain': '1' })).toBe('transformer');
    const dryRun = await (await post('/v1/route', { prompt: easy })).json();
    expect(dryRun).toMatchObject({ tier: 'transformer', className: 'translation' });
  });

  it('are shown in the metrics and in what is stored of a decision', async () => {
    const { headers } = await ask([easy]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/switchyard_tier_decisions_total\{tier="static"\} \d/);
    expect(metrics).toMatch(/switchyard_tier_comparisons_total\{sure="false",agrees="\w+"\} \d/);
    await server.stop();
    const id = headers.get('x-switchyard-decision-id') ?? '';
    const { stdout } = await runSwitchyard(['decisions', 'show', id], { home });
    expect(stdout).toContain('(posterior, static tier)');
    server = await startServer({ home });
  });

  it('let the last one decide while the first has not learnt a new example yet', async () => {
    expect(await tierOf([easy])).toBe('static');
    const added = await post('/admin/examples', { text: 'zzz plonk', class: 'chat' });
    expect(added.status).toBe(201);
    expect(await tierOf([easy])).toBe('transformer');
  });
});

describe('without a first tier', () => {
  it('the last one decides everything', async () => {
    await server.stop();
    const configured = parse(readFileSync('switchyard.yaml', 'utf8'));
    const config = { ...configured, examples: shipped, embedding: { firstTier: false } };
    server = await startServer({ home, args: ['--config', home.writeConfig(config)] });
    expect(await tierOf([easy])).toBe('transformer');
  });
});
