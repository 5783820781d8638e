import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  type Step,
  stall,
} from '../support/scripted-upstream.ts';
import { twoUpstreams } from '../support/two-upstreams.ts';

let home: Home;
let server: RunningServer;
let strong: ScriptedUpstream;
let cheap: ScriptedUpstream;

/** A list of models to those who ask for it, and a completion to all others. */
const well: Step = (response, request) =>
  json(200, request.method === 'GET' ? { data: [] } : completion('here again'))(response, request);

const down = json(503, { error: { message: 'down' } });

beforeAll(async () => {
  home = createHome();
  strong = await createScriptedUpstream();
  cheap = await createScriptedUpstream();
  // Before anybody asks.
  strong.script(down);
  cheap.script(json(404, {}));
  home.writeConfig({
    ...twoUpstreams({ strong: strong.url, cheap: cheap.url }),
    server: { drainMs: 500 },
    probes: { enabled: true, everyMs: 20, timeoutMs: 5_000 },
    breaker: { failuresInARow: 3, openMs: 600_000, longestOpenMs: 600_000 },
  });
  server = await startServer({ home });
});

afterAll(async () => {
  await server.stop();
  for (const upstream of [strong, cheap]) await upstream.close();
  home.remove();
});

async function attemptsOf(model: string): Promise<string | null> {
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  return response.headers.get('x-switchyard-attempts');
}

const health = async () => (await runSwitchyard(['health'], { home })).stdout;

describe('a provider that is probed', () => {
  it('is found out without a request, and gets its calls back when it answers again', async () => {
    await server.logged('"provider":"strong","kind":"open"');
    expect(await health()).toMatch(
      /^provider +strong +open, .*next call in .*probed \d+ s ago: failed \(HTTP 503\)$/m,
    );

    strong.script(well);
    await server.logged('"provider":"strong","kind":"probing"');
    for (const probe of ['first', 'second']) {
      expect(await attemptsOf('strong-1'), probe).toBe('strong-1:ok');
    }
    expect(await health()).toMatch(/^provider +strong +recovering.*probed \d+ s ago: ok/m);
  });

  it('is left alone for good when it has no list of models', async () => {
    await server.logged('has no list of models');
    expect(cheap.requests.filter(({ path }) => path === '/v1/models').length).toBeLessThan(2);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(
      /switchyard_probes_total\{provider="cheap",outcome="unsupported"\} 1$/m,
    );
    expect(metrics).toMatch(/switchyard_probes_total\{provider="strong",outcome="ok"\} \d+$/m);
  });

  it('is asked no more once the server drains', async () => {
    const probes = () => strong.requests.filter(({ method }) => method === 'GET').length;
    strong.scriptModel('strong-2', stall);
    const chat = attemptsOf('strong-2').catch(() => 'cut short');
    while ((await strong.nextRequest()).json['model'] !== 'strong-2');
    const ended = server.stop();
    while (await fetch(`${server.url}/livez`).then(Boolean, () => false));
    const asked = probes();
    // The chat that is under way has half a second, in which twenty would come.
    await ended;
    expect(probes()).toBeLessThanOrEqual(asked + 1);
    expect(await chat).toBe('cut short');
  });
});
